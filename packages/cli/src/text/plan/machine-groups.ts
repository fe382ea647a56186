// Groups machines with the same description into one entry.
import type { Change, Desired, Machine, PlannedMachine } from '@pve-provision/core'
import { addressTexts, changeText, compareNames, effectText, machineText, nameList } from '@pve-provision/core/text'

export interface MachineGroup {
  readonly machines: readonly PlannedMachine[]
  /** `web (20001 on pve1)`, `worker-1…3`. */
  readonly title: string
  /** Its description: a sentence, or one line for each change. */
  readonly lines: readonly string[]
}

/** Groups the machines, in the order of the first machine of each group. */
export function groupMachines(machines: readonly PlannedMachine[], desired: Desired): readonly MachineGroup[] {
  const declared = new Map(desired.machines.map((machine) => [machine.name, machine]))
  const alike = Map.groupBy(machines, (planned) => likeness(planned, declared.get(planned.name)))
  return [...alike.values()].map((group) => describe(group, declared))
}

/** Node and addresses do not separate groups: they are listed for all machines of a group. */
function likeness(
  { name, action, changes, pending, node, loses, startsAgain }: PlannedMachine,
  machine: Machine | undefined,
): string {
  const isMade = action === 'create' || action === 'replace'
  if (isMade && machine !== undefined)
    return `${action} ${machineText(machine, startsAgain)} ${loses?.join()} ${JSON.stringify(changes)}`
  if (CHANGING.has(action)) return `${action} ${JSON.stringify([changes, pending])}`
  return action === 'remove' ? `${action} ${node}` : `${action} ${name}`
}

/** Actions for which the changes are listed. For others, the machine is described. */
const CHANGING: ReadonlySet<PlannedMachine['action']> = new Set(['update', 'restart', 'move'])

function describe(group: readonly PlannedMachine[], declared: ReadonlyMap<string, Machine>): MachineGroup {
  const [first] = group
  const machine = first && declared.get(first.name)
  const title = titleOf(group)
  if (first === undefined) return { machines: group, title, lines: [] }
  if (CHANGING.has(first.action)) return { machines: group, title, lines: changeLines(changesOf(first)) }
  if (first.action === 'adopt') return { machines: group, title, lines: ['adopted unchanged'] }
  if (first.action === 'remove' || machine === undefined) return { machines: group, title, lines: [] }
  const content = contentLine(group, { machine, declared })
  return { machines: group, title, lines: [content, ...changeLines(first.changes)] }
}

/** A restart also applies changes that were made before. */
function changesOf({ action, changes, pending = [] }: PlannedMachine): readonly Change[] {
  return action === 'restart' ? [...changes, ...pending.map(withoutOrigin)] : changes
}

/** The value that a guest read at its last boot is not known. With the same value on both sides, it is just `changed`. */
function withoutOrigin(change: Change): Change {
  const { when, before, after } = change
  return when === 'boot' && before === undefined && after !== undefined ? { ...change, before: after } : change
}

/** Formats one machine with id and node, or several by their names. */
function titleOf(group: readonly PlannedMachine[]): string {
  const names = nameList(
    group.map(({ name }) => name),
    6,
  )
  const [only] = group
  if (only === undefined || group.length > 1) return names
  return only.vmid === undefined ? names : `${names} (${only.vmid} on ${only.node})`
}

function contentLine(
  group: readonly PlannedMachine[],
  { machine, declared }: { readonly machine: Machine; readonly declared: ReadonlyMap<string, Machine> },
): string {
  const nodes = nameList([...new Set(group.map(({ node }) => node))].toSorted(compareNames))
  const [first] = group
  // For a single machine with an id, the title already contains the node.
  const where = group.length === 1 && first?.vmid !== undefined ? [] : [`on ${nodes}`]
  const addresses = group.flatMap(({ name }) => {
    const one = declared.get(name)
    return one === undefined ? [] : [addressTexts(one)]
  })
  const loss = first?.action === 'replace' ? `; ${lossText(machine, first, group.length)}` : ''
  return `${[machineText(machine, first?.startsAgain), ...rangesOf(addresses), ...where].join(', ')}${loss}`
}

/** A machine with a fixed id is destroyed before its successor exists. Any other machine passes on its data disks. */
function lossText({ vmid, disks }: Machine, { loses = [] }: PlannedMachine, count: number): string {
  const [whose, boot] = count === 1 ? ['its', 'boot disk'] : ['their', 'boot disks']
  const lost = [vmid === undefined ? boot : 'disks', ...loses.filter((loss) => !loss.startsWith('disk '))]
  if (vmid !== undefined) return `the data on ${whose} ${listed(lost)} is lost`
  const verb = lost.length + count > 2 ? 'are' : 'is'
  return `${whose} ${listed(lost)} ${verb} lost, ${whose} addresses${disks.length > 0 ? ' and data disks' : ''} stay`
}

/** `a`, `a and b`, `a, b and c` */
function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}

/** More addresses than this are shown as the first and the last. */
const MOST_ADDRESSES = 3

/** Returns the addresses: all for a few machines, or the first and the last for many. */
function rangesOf(addresses: readonly (readonly string[])[]): readonly string[] {
  const [first = []] = addresses
  const last = addresses.at(-1) ?? []
  if (addresses.length <= MOST_ADDRESSES) return [...new Set(addresses.flat())]
  return first.map((address, index) => {
    const end = last[index]
    return end === undefined || end === address ? address : `${address} … ${end}`
  })
}

function startText({ reason }: Change): string {
  return reason === undefined ? 'is started' : `is started again: ${reason}`
}

/** Formats one line for each change, with a heading for each kind of effect. Immediate changes need no heading. */
function changeLines(changes: readonly Change[]): readonly string[] {
  const textOf = (change: Change) => (change.key === 'start' ? startText(change) : changeText(change))
  const byEffect = Map.groupBy(changes, effectText)
  const heads = [...byEffect].sort(([one], [other]) => Number(one !== '') - Number(other !== ''))
  return heads.flatMap(([effect, list]) => {
    const [only] = list
    if (effect === '') return list.map(textOf)
    if (only !== undefined && list.length === 1) return [`${textOf(only)}, ${effect}`]
    return [`${effect}:`, ...list.map((change) => `  ${textOf(change)}`)]
  })
}
