// Describes the machines of a cluster as manifest entries, and gives a reason for each machine without one. Pure.
import type { MachineSurvey, SurveyedMachine } from '../../facts/cluster/survey-machines.ts'
import { parseNetworkCard } from '../config/property-string.ts'
import { literal } from './literal.ts'
import { statable } from './statable.ts'
import { templateOfDisk } from './write-disks.ts'
import { type Entry, type Places, writeMachine } from './write-machine.ts'
import type { Keys } from './written.ts'

/** Manifest entries for existing machines. */
export interface DescribedCluster {
  readonly images: Readonly<Record<string, Keys>>
  /** Manifest entries by machine name, in the order of their ids. */
  readonly machines: Readonly<Record<string, Entry>>
  /** Sentences: which machines have no entry, and why. */
  readonly leftOut: readonly string[]
}

/** The storages for images and disks if a machine does not show them. */
export type ClusterPlaces = Omit<Places, 'image'>

/** The image of machines whose origin is unknown. */
export const MADE_ELSEWHERE = 'made-elsewhere'

/**
 * Returns manifest entries for the machines of a survey. After adoption, a plan of this manifest is empty.
 * @param project that of the manifest; machines of other projects are left out
 */
export function describeCluster(survey: MachineSurvey, project: string, places: ClusterPlaces): DescribedCluster {
  const machines = survey.machines.filter(({ isTemplate }) => !isTemplate)
  const templates = new Map(
    survey.machines.filter(({ isTemplate }) => isTemplate).map((template) => [template.vmid, template]),
  )
  const names = Map.groupBy(machines, ({ name }) => name.toLowerCase())
  const refused = machines.flatMap((machine) => {
    const reason = reasonAgainst(machine, project, names)
    return reason === undefined ? [] : [[machine, reason] as const]
  })
  const without = new Set(refused.map(([machine]) => machine))
  const kept = machines.filter((machine) => !without.has(machine))
  const images = new Map(kept.map((machine) => [machine, imageOf(machine, templates)]))
  const entries = kept.map((machine): readonly [SurveyedMachine, Entry] => {
    const image = images.get(machine)?.name ?? MADE_ELSEWHERE
    return [machine, statable(writeMachine(machine, { ...places, image }), machine)]
  })
  return {
    images: Object.fromEntries([...images.values()].map(({ name, source }) => [name, source])),
    machines: Object.fromEntries(
      withoutTwins(entries).map(([{ name }, entry]) => [name, { ...entry, keys: literal(entry.keys) }]),
    ),
    leftOut: [...refused.map(([machine, reason]) => `${wordsFor(machine)} ${reason}`), ...others(survey)],
  }
}

function wordsFor({ vmid, name, node }: Pick<SurveyedMachine, 'vmid' | 'name' | 'node'>): string {
  return `${name === '' ? 'The VM without a name' : name} (${vmid} on ${node})`
}

/** The rule of the manifest for names (`dnsName`). */
const NAME =
  /^(?=.{1,253}$)[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/

function reasonAgainst(
  { name, lock, marker, vmid }: SurveyedMachine,
  project: string,
  names: ReadonlyMap<string, readonly SurveyedMachine[]>,
): string | undefined {
  if (lock !== undefined) return `is locked (${lock}): wait until that task has finished.`
  if (marker !== undefined && marker.project !== project)
    return `belongs to the project ${marker.project}: to adopt it, declare it and run pve-provision adopt ${marker.name} ${vmid} --from-others`
  if (marker !== undefined && (marker.retired !== undefined || marker.replaces !== undefined))
    return 'is being replaced: finish that first with pve-provision apply.'
  if (!NAME.test(name)) return `needs a DNS name first: qm set ${vmid} --name NAME`
  const twins = (names.get(name.toLowerCase()) ?? []).filter((one) => one.vmid !== vmid)
  if (twins.length === 0) return undefined
  return `shares its name with ${twins.map((one) => `${one.vmid} on ${one.node}`).join(', ')}: names must be unique, so rename one of them.`
}

/** Guests that cannot be machines are not worth a note if patterns chose other guests. */
function others({ machines, unreachable, containers, isChosen = false, seesAll }: MachineSurvey): readonly string[] {
  const templates = machines.filter(({ isTemplate }) => isTemplate && !isChosen)
  return [
    ...unreachable.map((machine) => `${wordsFor(machine)} could not be read: its node does not answer.`),
    ...(templates.length === 0
      ? []
      : [`Templates are not machines: ${templates.map(({ name, vmid }) => name || String(vmid)).join(', ')}.`]),
    ...(containers === 0 || isChosen ? [] : [`Containers are not managed: there are ${containers}.`]),
    ...(seesAll ? [] : ['This token does not have VM.Audit on /vms, so it may not see all machines.']),
  ]
}

interface Source {
  readonly name: string
  readonly source: Keys
}

/** Finds the image: by the template of a linked clone, or by the marker, which contains only the image's name. */
function imageOf({ marker, config }: SurveyedMachine, templates: ReadonlyMap<number, SurveyedMachine>): Source {
  if (marker !== undefined && marker.image !== '') return { name: marker.image, source: { unknown: true } }
  const template = templates.get(templateOfDisk(config) ?? 0)
  // A template is usable as an image only if its disk is `scsi0`, the boot disk of machines.
  if (template === undefined || typeof template.config.scsi0 !== 'string')
    return { name: MADE_ELSEWHERE, source: { unknown: true } }
  const isNamed = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,55}$/.test(template.name) && template.name !== MADE_ELSEWHERE
  return {
    name: isNamed ? `${template.name}-${template.vmid}` : `template-${template.vmid}`,
    source: { template: template.vmid },
  }
}

/** A manifest refuses two machines with the same IP or MAC address, so the second one is written without it. */
function withoutTwins(
  entries: readonly (readonly [SurveyedMachine, Entry])[],
): readonly (readonly [SurveyedMachine, Entry])[] {
  const owners = new Map<string, string>()
  return entries.map(([machine, entry]) => {
    const claims = [...macsOf(machine), ...addressesOf(machine)]
    const shared = claims.find(({ key }) => owners.has(key))
    for (const { key } of claims) if (!owners.has(key)) owners.set(key, machine.name)
    if (shared === undefined) return [machine, entry]
    const { network: _, cloudInit, ...keys } = entry.keys
    const { ip: _ip, ip6: _ip6, gateway: _gw, gateway6: _gw6, addresses: _all, ...init } = (cloudInit ?? {}) as Keys
    const clause = `its network, because ${owners.get(shared.key)} also has ${shared.words}`
    return [
      machine,
      {
        keys: { ...keys, ...(Object.keys(init).length > 0 && { cloudInit: init }) },
        unsaid: [...entry.unsaid, clause],
      },
    ]
  })
}

interface Claim {
  readonly key: string
  readonly words: string
}

function macsOf({ config }: SurveyedMachine): readonly Claim[] {
  return Object.keys(config)
    .filter((key) => /^net\d+$/.test(key))
    .flatMap((key) => parseNetworkCard(config[key]).get('macaddr') ?? [])
    .map((mac) => ({ key: mac, words: `the MAC address ${mac}` }))
}

/** The same address on another bridge or VLAN is a different one. */
function addressesOf({ config }: SurveyedMachine): readonly Claim[] {
  return Object.keys(config).flatMap((key): readonly Claim[] => {
    const number = /^ipconfig(\d+)$/.exec(key)?.[1]
    if (number === undefined) return []
    const card = parseNetworkCard(config[`net${number}`])
    const all = String(config[key]).matchAll(/(?:^|,)ip6?=([^,/]+)\//g)
    return Array.from(all, ([, address = '']) => ({
      key: `${card.get('bridge')}/${card.get('tag')} ${address.toLowerCase()}`,
      words: `the address ${address}`,
    }))
  })
}
