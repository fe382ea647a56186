// Creates the notes of a plan, which do not belong to a step: one sentence for each kind, for all machines together.
import { nameBeforeRetired } from '../facts/cluster/retired.ts'
import { machinesByGuestName } from '../facts/current-names.ts'
import type { Facts, GuestFacts } from '../facts/facts.ts'
import { isOther } from '../manifest/file-sets.ts'
import type { Desired, Machine } from '../manifest/manifest.ts'
import type { Change } from './change/change.ts'
import { changeText, valueText } from './change/change-text.ts'
import { nameServerNotes, onLinkNotes } from './first-boot/first-boot-notes.ts'
import { nameList } from './name-list.ts'
import { shorten } from './names.ts'
import type { Difference, Orphan, PlannedMachine } from './plan.ts'
import { isGivenUp, recovery } from './problems/ha-problem.ts'
import type { Step } from './step.ts'

/** Returns the machines of the project that the manifest does not name. */
export function orphansOf(desired: Desired, facts: Facts): readonly Orphan[] {
  return unnamedGuests(desired, facts)
    .filter(({ marker: { file } }) => !isOther(file, desired))
    .map(({ marker: { name }, vmid, node }) => ({ name, vmid, node }))
}

function unnamedGuests({ machines }: Desired, { guests }: Facts): readonly GuestFacts[] {
  const named = machinesByGuestName(machines, guests)
  return guests.filter(
    ({ marker: { kind, name } }) => kind === 'machine' && !named.has(nameBeforeRetired(name) ?? name),
  )
}

/** Returns the machines of the project that other files declare, by file. */
export function otherFiles(desired: Desired, facts: Facts): ReadonlyMap<string, readonly GuestFacts[]> {
  const others = unnamedGuests(desired, facts).filter(({ marker: { file } }) => isOther(file, desired))
  return Map.groupBy(others, ({ marker: { file = '' } }) => file)
}

/** A command with more names is no longer easy to read. */
const MOST_IN_COMMAND = 6

/** For a run that removes what the manifest does not name. */
export function otherFileNotes(desired: Desired, facts: Facts): readonly string[] {
  return [...otherFiles(desired, facts)].map(([file, guests]) => {
    const names = guests.map(({ marker: { name } }) => name)
    const byName = `, or ${names.length === 1 ? 'the name' : 'the names'}: pve-provision destroy --only ${names.join(' ')}`
    return `${nameList(names)} ${are(guests)} declared in ${file}, which was not given; left alone. To remove ${them(guests)}, give that file as well${names.length > MOST_IN_COMMAND ? '' : byName}`
  })
}

/** A VM with the name of a machine that exists. It is often a copy, and then it has the addresses as well. */
export function namesakeNotes(machines: readonly Machine[], { guests, namesakes = [] }: Facts): readonly string[] {
  const ours = new Set(guests.map(({ marker: { name } }) => name))
  const beside = namesakes.filter(({ name }) => ours.has(name) && machines.some((machine) => machine.name === name))
  if (beside.length === 0) return []
  const which = nameList(beside.map(({ name, vmid, node }) => `${vmid} on ${node} (${name})`))
  const [has, it, copy] = beside.length === 1 ? ['has', 'it', 'a copy'] : ['have', 'them', 'copies']
  return [
    `${which} ${has} the name of a machine of this manifest, but no marker; left alone. If you made ${it} as ${copy}, check the static addresses: they are copied as well.`,
  ]
}

export function orphanNotes(orphans: readonly Orphan[], project: string): readonly string[] {
  if (orphans.length === 0) return []
  const names = nameList(
    orphans.map(({ name, vmid, node }) => (orphans.length > 3 ? name : `${name} (${vmid} on ${node})`)),
  )
  const which = orphans.length === 1 ? ` --only ${orphans[0]?.name}` : ''
  const remove = which === '' ? 'pve-provision apply --prune' : `pve-provision destroy${which}`
  return [
    `${names} ${orphans.length === 1 ? 'belongs' : 'belong'} to project ${project} and ${are(orphans)} not in the manifest; left alone. To remove ${them(orphans)}: ${remove}`,
  ]
}

/** Returns notes for images that may not boot. */
export function doubtfulImageNotes({ images }: Facts): readonly string[] {
  return [...images.values()].flatMap((image) =>
    image instanceof Error || image.doubt === undefined ? [] : [`Image ${image.name}: ${image.doubt}.`],
  )
}

/** Returns notes about machines on an older build of their image, machines with pending changes, and differences. */
export function machineNotes(machines: readonly PlannedMachine[]): readonly string[] {
  return [
    ...outdatedNotes(machines),
    ...pendingNotes(machines),
    ...differenceNotes(machines),
    ...unusedNotes(machines),
    ...replacedDiskNotes(machines),
  ]
}

/** One note for volumes that an apply detached, and one for others. */
function unusedNotes(machines: readonly PlannedMachine[]): readonly string[] {
  return [true, false].flatMap((isOurs) => {
    const keeping = machines.flatMap(({ name, unused = [] }) => {
      const disks = unused.filter(({ was }) => (was !== undefined) === isOurs)
      return disks.length === 0 ? [] : [{ name, disks }]
    })
    const [first] = keeping
    if (first === undefined) return []
    const count = keeping.flatMap(({ disks }) => disks).length
    const [verb, what] = [keeping.length === 1 ? 'keeps' : 'keep', count === 1 ? 'an unused disk' : 'unused disks']
    const which =
      keeping.length === 1 ? ` (${nameList(first.disks.map(({ key, volume }) => `${key}: ${volume}`))})` : ''
    const only = keeping.length === 1 ? ` --only ${first.name}` : ''
    const end = isOurs
      ? `. To remove ${count === 1 ? 'it' : 'them'} and ${count === 1 ? 'its' : 'their'} data: pve-provision apply --prune${only}`
      : ` that pve-provision did not detach; left alone.`
    return [`${nameList(keeping.map(({ name }) => name))} ${verb} ${what}${which}${end}`]
  })
}

/** A disk that is declared again is a new one, without the old data. */
function replacedDiskNotes(machines: readonly PlannedMachine[]): readonly string[] {
  return machines.flatMap(({ name, unused = [], vmid }) =>
    unused
      .filter(({ isReplaced }) => isReplaced)
      .map(
        ({ key, volume, was }) =>
          `${name}: the disk at ${was} will be a new one. The previous disk is ${key} and is not attached again. To keep using it, attach it before you apply: qm set ${vmid} --${was} ${volume}`,
      ),
  )
}

function outdatedNotes(machines: readonly PlannedMachine[]): readonly string[] {
  const all = machines.filter(({ outdated }) => outdated !== undefined)
  const outdated = all.flatMap(({ name, outdated }) => (outdated?.leftAlone === undefined ? [name] : []))
  const replace = outdated.length === 1 ? `--replace ${outdated[0]}` : '--replace-outdated'
  return [
    ...(outdated.length === 0
      ? []
      : [
          `${nameList(outdated)} ${outdated.length === 1 ? 'runs' : 'run'} an older build of the image. To replace ${them(outdated)}: pve-provision apply ${replace}`,
        ]),
    ...all.flatMap(({ name, outdated }) =>
      outdated?.leftAlone === undefined
        ? []
        : [
            `${name} runs an older build of the image and stays, because ${outdated.leftAlone}. To replace it, give its name: pve-provision apply --replace ${name}`,
          ],
    ),
  ]
}

const WAITS = { restart: 'for a restart', boot: 'for a boot' } as const

function pendingNotes(machines: readonly PlannedMachine[]): readonly string[] {
  return (['restart', 'boot'] as const).flatMap((when) => {
    const waiting = machines.flatMap(({ name, action, pending = [] }) => {
      if (action === 'restart') return []
      const keys = pending.filter((change) => change.when === when)
      return keys.length === 0 ? [] : [{ name, keys }]
    })
    if (waiting.length === 0) return []
    const [first] = waiting
    const textOf = (change: Change) => (when === 'boot' ? change.key : changeText(change))
    const what = waiting.length === 1 && first ? ` (${firstOf(first.keys.map(textOf))})` : ''
    return [
      `${nameList(waiting.map(({ name }) => name))} ${waiting.length === 1 ? 'has' : 'have'} changes that wait ${WAITS[when]}${what}. To restart ${them(waiting)}: pve-provision apply --restart${waiting.length === 1 ? ` --only ${first?.name}` : ''}`,
    ]
  })
}

const MOST_CHANGES = 5

/** `plan --restart` and the JSON document have all of them. */
function firstOf(texts: readonly string[]): string {
  if (texts.length <= MOST_CHANGES) return texts.join(', ')
  return `${texts.slice(0, MOST_CHANGES - 1).join(', ')} and ${texts.length - MOST_CHANGES + 1} more`
}

/** Groups by difference, not by machine. */
function differenceNotes(machines: readonly PlannedMachine[]): readonly string[] {
  const all = machines.flatMap(({ name, differences = [] }) =>
    differences.map((difference) => ({ name, ...difference })),
  )
  const kinds = Map.groupBy(all, ({ key, declared }) => `${kindOfKey(key)} ${declared === undefined}`)
  return [...kinds.values()].map((list) => {
    const [first] = list
    if (first === undefined) return ''
    if (list.length === 1) return `${first.name}: ${differenceText(first)}. ${first.hint}`
    return `${nameList([...new Set(list.map(({ name }) => name))])}: ${kindOfKey(first.key)} differs from the manifest and is left unchanged. For ${first.name}, ${first.hint.charAt(0).toLowerCase()}${first.hint.slice(1)}`
  })
}

function kindOfKey(key: string): string {
  return key.replace(/\[[^\]]+\]/, '')
}

/** `node is pve1, not pve2, and stays`; `disks[1] (2 GiB on local) is not in the manifest and is left unchanged`. */
export function differenceText({ key, is, declared }: Difference): string {
  if (declared === undefined)
    return `${key}${is === undefined ? '' : ` (${valueText(is)})`} is not in the manifest and is left unchanged`
  return `${key} is ${is === undefined ? 'unset' : valueText(is)}, but the manifest has ${valueText(declared)}; it is left unchanged`
}

function are(list: readonly unknown[]): string {
  return list.length === 1 ? 'is' : 'are'
}

function them(list: readonly unknown[]): string {
  return list.length === 1 ? 'it' : 'them'
}

/** Returns the result of verifying blobs, because the user asked for it. */
export function verifiedNotes({ verified = [] }: Facts): readonly string[] {
  const dropped = { wrong: 'has changed', unknown: 'cannot be checked' } as const
  const whole = verified.filter(({ is }) => is === 'whole').length
  return [
    ...verified.flatMap(({ image, key, is }) =>
      is === 'whole' ? [] : [`A copy of ${image} in the store ${dropped[is]} and was removed (${shorten(key)}).`],
    ),
    ...(whole > 0 ? [`${whole === 1 ? 'One file' : `${whole} files`} in the store checked: the digests match.`] : []),
  ]
}

/** An unknown node is an error for a new machine. An existing machine stays where it is, with a note. */
export function unknownNodeNotes(machines: readonly Machine[], { cluster, guests }: Facts): readonly string[] {
  const known = cluster.nodes.map(({ name }) => name)
  const there = new Set(guests.map(({ marker }) => marker.name))
  const named = machines.filter(({ name }) => there.has(name)).flatMap(({ nodes }) => nodes)
  return [...new Set(named)]
    .filter((node) => !known.includes(node))
    .map((node) => `There is no node ${node}; nodes are ${known.join(', ')}.`)
}

/** Returns notes about new machines that no one could reach or log in to. That is possible, but usually a mistake. */
export function reachNotes(machines: readonly Machine[], steps: Iterable<Step>): readonly string[] {
  const made = new Set(
    [...steps].flatMap((step) => (step.kind === 'create' && step.action === 'run' ? [step.machine] : [])),
  )
  const fresh = machines.filter(({ name }) => made.has(name))
  const unconnected = fresh.filter(({ networks }) => networks.length === 0).map(({ name }) => name)
  const locked = fresh.filter(isLocked).map(({ name }) => name)
  return [
    ...nameServerNotes(fresh),
    ...onLinkNotes(fresh),
    ...(unconnected.length > 0 ? [`Without \`network\`, ${nameList(unconnected)} cannot be reached.`] : []),
    ...(locked.length > 0
      ? [`Without \`sshKeys\` or \`password\` in \`cloudInit\`, you cannot log in to ${nameList(locked)}.`]
      : []),
  ]
}

/** Without `cloudInit`, an image may have its own way to log in, and custom user-data may contain one. */
function isLocked({ cloudInit }: Machine): boolean {
  if (cloudInit === undefined || cloudInit.userData !== undefined || cloudInit.password !== undefined) return false
  return cloudInit.sshKeys.length === 0 && cloudInit.sshKeyUrls.length === 0
}

/** Returns the notes of the manifest. */
export function manifestNotes({ notes = [] }: Desired): readonly string[] {
  return notes.map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`)
}

/** Returns a note about running machines that the HA manager has given up on. */
export function givenUpNotes(machines: readonly Machine[], { guests }: Facts): readonly string[] {
  const names = new Set(machines.map(({ name }) => name))
  const given = guests.filter((guest) => names.has(guest.marker.name) && isGivenUp(guest) && guest.status === 'running')
  const [first] = given
  if (first === undefined) return []
  return [
    `The HA manager has given up on ${nameList(given.map(({ marker }) => marker.name))} (state \`error\`), and will not start or move ${them(given)} again. ${recovery(first.vmid).replace('\n', ', ')}`,
  ]
}

/** Returns notes about guests whose node is no longer a member of the cluster. Their owner is unknown. */
export function strandedNotes({ unreachable = [] }: Facts): readonly string[] {
  const stranded = unreachable.filter(({ isStranded }) => isStranded)
  if (stranded.length === 0) return []
  const places = nameList(stranded.map(({ vmid, node }) => `${vmid} on ${node}`))
  return [`${places}: the node is no longer a member of the cluster, so their project is not known.`]
}
