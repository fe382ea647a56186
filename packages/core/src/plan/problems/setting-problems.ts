// Finds settings of a machine that Proxmox will refuse, or that contradict each other.
import { ProvisionError } from '../../errors.ts'
import { OWNER_TAG } from '../../facts/cluster/marker.ts'
import { cpuFlags, cpuName, machineTypeName } from '../../facts/cluster/observe-capabilities.ts'
import { mappingKind } from '../../facts/devices/observe-attachments.ts'
import { type Facts, type GuestFacts, storageKey } from '../../facts/facts.ts'
import { CD_DRIVES, diskKeys } from '../../manifest/machine-disks.ts'
import type { Machine } from '../../manifest/manifest.ts'
import { parseTags } from '../config/property-string.ts'
import { sizeText } from '../config/size-text.ts'
import { privilegesIn } from '../preflight/held-privileges.ts'
import { waitWithoutStart } from './manifest-problems.ts'

export interface Setting {
  readonly facts: Facts
  /** The node where it is, or where it will be created. */
  readonly node: string
  /** Absent for a new machine. */
  readonly guest?: GuestFacts | undefined
  /** Keys of the manifest that change. Absent: all of them are new. */
  readonly changed?: ReadonlySet<string> | undefined
}

type Check = (machine: Machine, setting: Setting) => readonly [sentence: string, hint: string] | undefined

/** Checks by key of the manifest. Unchanged keys are not checked, because Proxmox has accepted them before. */
const CHECKS: Readonly<Record<string, Check>> = {
  cpu: unknownCpu,
  cores: tooManyCores,
  machine: unknownMachineType,
  boot: unknownBootDevice,
  memory: tooMuchMemory,
  tags: forbiddenTags,
  balloon: balloonBeyond,
  devices: unknownMapping,
  cdrom: missingIso,
}

/** Returns all problems of new or changed settings. */
export function settingProblems(machine: Machine, setting: Setting): readonly ProvisionError[] {
  const changed = setting.changed && new Set([...setting.changed].map((key) => key.split(/[[.]/, 1)[0]))
  const isNew = (key: string) =>
    changed === undefined || changed.has(key) || (key === 'cores' && changed.has('sockets'))
  const found = Object.entries(CHECKS).flatMap(([key, check]) => {
    const wrong = isNew(key) ? check(machine, setting) : undefined
    return wrong === undefined ? [] : [settingProblem(machine, key, wrong)]
  })
  const waiting = waitWithoutStart(machine)
  return waiting === undefined ? found : [...found, settingProblem(machine, 'wait', waiting)]
}

function settingProblem(
  { name }: Machine,
  key: string,
  [sentence, hint]: readonly [sentence: string, hint: string],
): ProvisionError {
  return new ProvisionError('CONFLICT', sentence, { hint, details: { machine: name, key } })
}

function unknownCpu({ name, cpu }: Machine, { facts, node }: Setting) {
  if (cpu.type === undefined) return undefined
  const known = facts.cluster.capabilities?.get(node)?.cpus
  if (known === undefined || known.has(cpuName(cpu.type))) return unknownFlags(name, cpu.type, { facts, node })
  const near = [...known].filter((one) => one.startsWith(cpuName(cpu.type ?? '').slice(0, 3))).slice(0, 6)
  const hint = `Look at: pvesh get /nodes/${node}/capabilities/qemu/cpu${near.length > 0 ? ` (such as ${near.join(', ')})` : ''}`
  return [`${node} does not support the CPU type ${cpuName(cpu.type)} of ${name}.`, hint] as const
}

/** The flags of Proxmox VE 8, which has no list of them (qemu-server `CPUConfig.pm`). */
const FLAGS_OF_8 =
  'pcid spec-ctrl ibpb ssbd virt-ssbd amd-ssbd amd-no-ssb pdpe1gb md-clear hv-tlbflush hv-evmcs aes'.split(' ')

function unknownFlags(name: string, type: string, { facts: { cluster }, node }: Setting) {
  const { cpuFlags: listed } = cluster.capabilities?.get(node) ?? {}
  const known = listed ?? (cluster.version.major < 9 ? new Set(FLAGS_OF_8) : undefined)
  const lost = known === undefined ? [] : cpuFlags(type).filter((flag) => !known.has(flag))
  if (known === undefined || lost.length === 0) return undefined
  return [
    `A VM on ${node} cannot set the CPU flag ${lost.join(', ')} of ${name}.`,
    `Proxmox accepts ${[...known].sort().join(', ')}.`,
  ] as const
}

/** Proxmox refuses to start a VM with more cores than its node has processors (qemu-server `config_to_command`). */
function tooManyCores({ name, cpu, declared }: Machine, { facts, node, guest }: Setting) {
  const { cpus = 0 } = facts.cluster.nodes.find((entry) => entry.name === node) ?? {}
  const count = (key: 'cores' | 'sockets') =>
    guest === undefined || declared.has(key) ? cpu[key] : Number(guest.config[key] ?? 1)
  const cores = count('cores') * count('sockets')
  if (cpus === 0 || cores <= cpus) return undefined
  return [
    `${name} would have ${cores} cores, but ${node} has ${cpus}, so it could not start.`,
    'Give it fewer `cores`, or another node.',
  ] as const
}

function unknownMachineType({ name, machineType }: Machine, { facts, node }: Setting) {
  const known = facts.cluster.capabilities?.get(node)?.machines
  if (machineType === undefined || known === undefined) return undefined
  const wanted = machineTypeName(machineType)
  if (wanted === 'pc' || wanted === 'q35' || known.has(wanted)) return undefined
  const kind = wanted.includes('q35') ? 'q35' : 'i440fx'
  const newest = [...known].find((one) => one.includes(kind))
  return [
    `${node} does not support the machine type ${wanted}, so ${name} could not start.`,
    `Use \`machine: ${kind === 'q35' ? 'q35' : 'pc'}\`${newest === undefined ? '' : `, or one that it supports, such as ${newest}`}.`,
  ] as const
}

/** Proxmox refuses a boot order with a missing device (qemu-server `assert_boot_devices`). */
function unknownBootDevice(machine: Machine, { guest }: Setting) {
  if (machine.bootOrder === undefined) return undefined
  const config = guest?.config ?? {}
  const there = new Set([...bootable(machine, config), ...Object.keys(config)])
  const lost = machine.bootOrder.filter((device) => !there.has(device))
  if (lost.length === 0) return undefined
  return [
    `${machine.name} would boot from ${lost.join(', ')}, which it does not have.`,
    `It has ${bootable(machine, config).join(', ')}: correct \`boot\`, or declare the device.`,
  ] as const
}

/** Returns the devices of a machine from its declaration and its template. */
function bootable(machine: Machine, config: GuestFacts['config']): readonly string[] {
  const of = (kind: 'pci' | 'usb', key: string) =>
    machine.devices.filter((device) => device.kind === kind).map((_, index) => `${key}${index}`)
  return [
    ...diskKeys(machine, config),
    'ide2',
    ...machine.cdroms.map((_, index) => CD_DRIVES[index] ?? ''),
    ...machine.networks.map((_, index) => `net${index}`),
    ...of('pci', 'hostpci'),
    ...of('usb', 'usb'),
  ]
}

const MIB = 1024 ** 2
const GIB = 1024 ** 3

/** QEMU cannot use more memory than the node has. A token without Sys.Audit on the node cannot see how much that is. */
function tooMuchMemory({ name, memory }: Machine, { facts, node }: Setting) {
  const has = facts.cluster.nodes.find((entry) => entry.name === node)?.memoryBytes ?? 0
  const wanted = memory.memoryMiB * MIB
  if (has === 0 || wanted <= has) return undefined
  return [
    `${name} would have ${sizeText(wanted)} of memory, but ${node} has ${Math.floor((has / GIB) * 10) / 10} GiB.`,
    'Give it less `memory`, or another node.',
  ] as const
}

/** Proxmox refuses it. If the manifest sets both keys, parsing has reported it already. */
function balloonBeyond({ name, memory: { balloonMiB = 0, memoryMiB } }: Machine, { guest }: Setting) {
  const has = guest === undefined ? memoryMiB : Number(guest.config.memory ?? memoryMiB)
  if (balloonMiB <= Math.max(has, memoryMiB)) return undefined
  return [
    `${name} has a minimum of ${sizeText(balloonMiB * MIB)}, but only ${sizeText(Math.max(has, memoryMiB) * MIB)} of memory.`,
    'Give it more `memory`, or less `balloon`.',
  ] as const
}

/** Proxmox accepts an unknown mapping, and the machine then never starts. */
function unknownMapping({ name, devices }: Machine, { facts, node }: Setting) {
  const may = privilegesIn(facts)
  const looked = devices.flatMap((device) => {
    const kind = mappingKind(device)
    const known = facts.attachments?.mappings.get(kind)
    // The list holds only mappings that the token may see.
    if (known === undefined || !may(`/mapping/${kind}/${device.mapping}`, 'Mapping.Use')) return []
    return [{ mapping: device.mapping, nodes: known.get(device.mapping), known: [...known.keys()] }]
  })
  const lost = looked.filter(({ nodes }) => nodes === undefined)
  if (lost.length > 0) {
    const names = [...new Set(lost.map(({ mapping }) => mapping))].join(', ')
    const there = [...new Set(lost.flatMap(({ known }) => known))]
    const instead = there.length === 0 ? '' : `, or use an existing one: ${there.join(', ')}`
    return [
      `There is no resource mapping ${names}, which ${name} uses.`,
      `Create it under Datacenter → Resource Mappings${instead}.`,
    ] as const
  }
  const away = looked.find(({ nodes }) => nodes?.has(node) === false)
  if (away === undefined) return undefined
  return [
    `The resource mapping ${away.mapping}, which ${name} uses, has no device on ${node}.`,
    `Add it under Datacenter → Resource Mappings, or put ${name} on ${[...(away.nodes ?? [])].join(' or ')}.`,
  ] as const
}

function missingIso({ name, cdroms }: Machine, { facts, node }: Setting) {
  for (const cdrom of cdroms) {
    if (!('volume' in cdrom)) continue
    const [storage = ''] = cdrom.volume.split(':', 1)
    const there = facts.attachments?.isos.get(storageKey({ node, storage }))
    if (there === undefined || there.has(cdrom.volume)) continue
    // Our own CDs are of no use to another machine.
    const others = [...there].filter((volume) => !/-seed-[0-9a-f]{16}\.iso$/.test(volume))
    const names = others.slice(0, 6).map((volume) => volume.slice(volume.lastIndexOf('/') + 1))
    return [
      `There is no ${cdrom.volume} on ${node}, which belongs in a CD drive of ${name}.`,
      `Upload it, or have it downloaded: \`cdrom: { image: NAME }\`.${names.length === 0 ? '' : ` ${storage} has ${names.join(', ')}.`}`,
    ] as const
  }
  return undefined
}

/** Proxmox checks each added tag (pve-guest-common `assert_tag_permissions`). The owner tag is checked separately. */
function forbiddenTags({ name, tags }: Machine, { facts, guest }: Setting) {
  const has = parseTags(guest?.config.tags)
  const added = tags.filter((tag) => !has.includes(tag) && tag !== OWNER_TAG)
  const lost = added.filter((tag) => isForbiddenTag(tag, facts))
  if (lost.length === 0) return undefined
  return [
    `${facts.cluster.identity ?? 'This token'} may not set the tag ${lost.join(', ')} of ${name}.`,
    tagHint(lost, facts),
  ] as const
}

/** Returns true if the token certainly cannot set a tag. */
export function isForbiddenTag(tag: string, facts: Facts): boolean {
  const { tags } = facts.cluster
  if (tags === undefined || privilegesIn(facts)('/', 'Sys.Modify')) return false
  const { access, registered = [], allowed } = tags
  if (registered.includes(tag)) return true
  if (access !== undefined) return access !== 'free' && !allowed.includes(tag)
  // The mode is unknown here. All modes that allow tags include those in use in `allowed`. So a tag that is in use and
  // missing there is registered, or the mode is strict.
  const isUsed = facts.usedTags?.has(tag) || facts.guests.some(({ config }) => parseTags(config.tags).includes(tag))
  return isUsed && !allowed.includes(tag)
}

export function tagHint(tags: readonly string[], { cluster }: Facts): string {
  const { access = 'list', registered = [], allowed } = cluster.tags ?? { allowed: [] }
  const kept = registered.filter((tag) => !tags.includes(tag))
  if (kept.length < registered.length)
    return `As root on any node: pvesh set /cluster/options ${kept.length === 0 ? '--delete registered-tags' : `--registered-tags '${kept.join(';')}'`}`
  const list = [...new Set([...(access === 'list' ? allowed : []), ...tags])].join(';')
  const allow = `pvesh set /cluster/options --user-tag-access 'user-allow=list,user-allow-list=${list}'`
  if (cluster.tags?.access !== undefined || cluster.tags?.registered !== undefined)
    return `As root on any node: ${allow}`
  // Without Sys.Audit the token sees neither the mode nor the registered tags.
  return `As root on any node, look at \`registered-tags\` and \`user-tag-access\`: pvesh get /cluster/options\nIf the tag is registered, remove it from that list. If it is not: ${allow}`
}
