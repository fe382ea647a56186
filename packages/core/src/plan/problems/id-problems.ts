// Finds conflicts about the id or name of a new machine, so that no second machine with one name is created.
import { ProvisionError } from '../../errors.ts'
import { firstChoice } from '../../facts/cluster/observe-ids.ts'
import type { Facts, GuestFacts, ListedGuest } from '../../facts/facts.ts'
import type { Desired, Machine } from '../../manifest/manifest.ts'

export interface Claimants {
  readonly desired: Desired
  readonly facts: Facts
  /** Continue if another guest has the name. */
  readonly allowNamesake: boolean
}

/** Returns why a new machine cannot be created with its name and id. */
export function identityProblems(machine: Machine, claimants: Claimants): readonly ProvisionError[] {
  const holder = holderProblem(machine, claimants)
  if (holder !== undefined) return [holder]
  return claimants.allowNamesake ? [] : [...namesakeProblems(machine, claimants), ...hiddenProblems(machine, claimants)]
}

/** A fixed id that another guest has. */
function holderProblem({ name, vmid }: Machine, { facts }: Claimants): ProvisionError | undefined {
  if (vmid === undefined) return undefined
  const holder = facts.listed.get(vmid)
  if (holder === undefined && facts.hiddenVmids?.has(vmid) !== true) return undefined
  if (holder !== undefined && isInFlight(holder)) return undefined
  const who = holder === undefined ? 'a guest that this token may not see' : describeGuest(holder)
  const adopt = holder?.name === name ? [`If that is ${name}: pve-provision adopt ${name} ${vmid}`] : []
  return problem(`VM ID ${vmid} of ${name} is already used by ${who}.`, {
    hint: [...adopt, `Give ${name} another \`vmid\`, or remove \`vmid\`.`].join('\n'),
    machine: name,
    key: 'vmid',
  })
}

/** The guest is being created or removed. Its owner is known only afterwards. */
function isInFlight({ lock = '' }: ListedGuest): boolean {
  return ['create', 'clone', 'destroyed'].includes(lock)
}

/**
 * A guest without the marker: it may belong to another user, or its description was overwritten. These look the same.
 */
export function namesakeProblems(
  { name }: Pick<Machine, 'name'>,
  { facts, desired }: Pick<Claimants, 'facts' | 'desired'>,
): readonly ProvisionError[] {
  const namesakes = (facts.namesakes ?? []).filter((guest) => guest.name === name)
  return namesakes.map(({ vmid, node }) =>
    problem(`${vmid} on ${node} already has the name ${name}, but no marker of project ${desired.project}.`, {
      hint: `If it is the same machine: pve-provision adopt ${name} ${vmid}\nTo create another VM with that name: --allow-namesake`,
      machine: name,
      key: 'name',
    }),
  )
}

/** This is the id that the machine would have had. It probably exists, but the token cannot see it. */
function hiddenProblems(machine: Machine, { desired, facts }: Claimants): readonly ProvisionError[] {
  const { name, pool } = machine
  const vmid = firstChoice(machine, desired, (id) => facts.listed.has(id))
  if (vmid === undefined || facts.hiddenVmids?.has(vmid) !== true) return []
  const back =
    pool === undefined
      ? `give this token VM.Audit on /vms/${vmid}`
      : `put it back into its pool: pvesh set /pools --poolid ${pool} --vms ${vmid}`
  return [
    problem(`VM ID ${vmid}, the first choice for ${name}, belongs to a guest that this token may not see.`, {
      hint: `If it is ${name}, ${back}\nIf it is not: --allow-namesake`,
      machine: name,
      key: 'name',
    }),
  ]
}

/** Creates the problem for a range `vmids` without a free id. */
export function rangeProblem({ name }: Machine, desired: Desired): ProvisionError {
  return problem(noFreeId(name, desired), { hint: WIDEN, machine: name, key: 'vmids' })
}

/** Creates the same problem for a template. It takes an id of the range even if its machines have ids of their own. */
export function templateRangeProblem(image: string, desired: Desired): ProvisionError {
  return new ProvisionError('CONFLICT', noFreeId(`the template of ${image}`, desired), {
    hint: WIDEN,
    details: { key: 'vmids' },
  })
}

const WIDEN = 'Widen `vmids` in the manifest.'

function noFreeId(what: string, { vmids: { from, to } }: Desired): string {
  return `No VM ID from ${from} to ${to} is free for ${what}.`
}

/** Counts the ids in the range that no visible guest has. */
export function idsLeft({ vmids: { from, to } }: Desired, { listed }: Facts): number {
  const taken = [...listed.keys()].filter((vmid) => vmid >= from && vmid <= to).length
  return to - from + 1 - taken
}

/** Two guests have the marker of one machine. Only a person knows which one is in use. */
export function duplicateProblem(name: string, guests: readonly GuestFacts[]): ProvisionError {
  const places = guests.map(({ vmid, node, status }) => `${vmid} on ${node} (${status})`)
  return problem(`${guests.length} VMs have the marker of ${name}: ${places.join(', ')}.`, {
    hint: `Remove those that are not in use: ${guests.map(({ vmid }) => `pve-provision destroy --only ${name}@${vmid}`).join('\nor: ')}`,
    machine: name,
    key: 'name',
  })
}

/** The machine may be on a node that cannot be asked. */
export function reachProblem(
  machine: Machine,
  { desired, facts, node }: Pick<Claimants, 'desired' | 'facts'> & { readonly node: string },
): ProvisionError | undefined {
  const known = facts.unreachable?.find((guest) => isIt(guest, machine, { desired, facts }))
  if (known?.isStranded) return strandedProblem(machine, known)
  if (known !== undefined)
    return unreachable(
      machine,
      known.node,
      `Cannot check whether ${known.vmid} on ${known.node} is ${machine.name}: ${known.node} does not answer.`,
    )
  const isOffline = facts.cluster.nodes.some((entry) => entry.name === node && !entry.online)
  if (!isOffline) return undefined
  return unreachable(machine, node, `${machine.name} belongs on ${machine.nodes.join(' or ')}, which is offline.`)
}

/**
 * Compares by name. A guest whose node is gone often has no name, so it is compared by the id that the machine would
 * have.
 */
function isIt(guest: ListedGuest, machine: Machine, { desired, facts }: Pick<Claimants, 'desired' | 'facts'>): boolean {
  if (guest.name === machine.name) return true
  if (guest.isStranded !== true) return false
  const stranded = new Set(facts.unreachable?.flatMap(({ vmid, isStranded }) => (isStranded ? [vmid] : [])))
  return guest.vmid === firstChoice(machine, desired, (id) => facts.listed.has(id) && !stranded.has(id))
}

function strandedProblem({ name }: Machine, { vmid, node }: ListedGuest): ProvisionError {
  const file = `/etc/pve/nodes/${node}/qemu-server/${vmid}.conf`
  return new ProvisionError(
    'UNREACHABLE',
    `${vmid}, which may be ${name}, is on ${node}, which is no longer a member of the cluster.`,
    {
      hint: `If its disks are on a shared storage, as root on another node: mv ${file} /etc/pve/nodes/NODE/qemu-server/\nIf it is lost: rm ${file}`,
      details: { machine: name, key: 'node', node },
    },
  )
}

function unreachable({ name }: Machine, node: string, sentence: string): ProvisionError {
  return new ProvisionError('UNREACHABLE', sentence, {
    hint: `Run again when ${node} is back.`,
    details: { machine: name, key: 'node', node },
  })
}

function describeGuest({ name, vmid, node }: ListedGuest): string {
  return `${name === '' ? `guest ${vmid}` : name} on ${node}`
}

function problem(
  sentence: string,
  { hint, machine, key }: { readonly hint: string; readonly machine: string; readonly key: string },
): ProvisionError {
  return new ProvisionError('CONFLICT', sentence, { hint, details: { machine, key } })
}
