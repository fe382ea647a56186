// Finds and reads the guests to take over, by id or by name.
import pMap from 'p-map'
import { ProvisionError } from '../../errors.ts'
import type { Desired, Machine } from '../../manifest/manifest.ts'
import { api } from '../../ports/pve/api.ts'
import type { World } from '../../ports/world.ts'
import type { Facts, GuestFacts, ListedGuest } from '../facts.ts'
import { readConfig } from './observe-guests.ts'

export interface AdoptionQuestion {
  readonly desired: Desired
  readonly facts: Pick<Facts, 'guests' | 'listed' | 'namesakes'>
  readonly adoptions: readonly { readonly name: string; readonly vmid: number }[] | 'all'
}

/** A machine of the manifest and the guest that it takes over. */
export interface ObservedAdoption {
  readonly machine: Machine
  readonly vmid: number
  readonly node: string
  readonly config: GuestFacts['config']
  readonly status: GuestFacts['status']
  readonly pool?: string
  readonly ha?: GuestFacts['ha']
}

/**
 * Finds the guests for the requested adoptions.
 * @throws ProvisionError `USAGE` for a name that the manifest lacks, an id that does not exist, or two guests with one
 * name
 */
export async function observeAdoptions(
  question: AdoptionQuestion,
  { pve }: Pick<World, 'pve'>,
  signal?: AbortSignal,
): Promise<readonly ObservedAdoption[]> {
  const pairs =
    question.adoptions === 'all' ? pairsOfAll(question) : question.adoptions.map((one) => pairOf(one, question))
  const read = await pMap(pairs, (pair) => readAdoption(pair, { pve, facts: question.facts, signal }), {
    concurrency: 8,
  })
  return read.flatMap((one) => one ?? [])
}

interface Pair {
  readonly machine: Machine
  readonly guest: ListedGuest
}

/** Pairs each machine that the project does not own yet with the guest of its name, if there is exactly one. */
function pairsOfAll({ desired, facts }: AdoptionQuestion): readonly Pair[] {
  const own = new Set(facts.guests.map(({ marker }) => marker.name))
  return desired.machines
    .filter(({ name }) => !own.has(name))
    .flatMap((machine): Pair[] => {
      const [guest, ...others] = (facts.namesakes ?? []).filter(
        ({ name, vmid }) => name === machine.name && (machine.vmid === undefined || machine.vmid === vmid),
      )
      if (others.length > 0) throw ambiguous(machine, [guest as ListedGuest, ...others])
      return guest === undefined ? [] : [{ machine, guest }]
    })
}

function pairOf(
  { name, vmid }: { readonly name: string; readonly vmid: number },
  { desired, facts }: AdoptionQuestion,
): Pair {
  const machine = desired.machines.find((one) => one.name === name)
  if (machine === undefined)
    throw new ProvisionError('USAGE', `The manifest has no machine ${name}.`, {
      hint: 'Declare it first, then adopt it: pve-provision adopt NAME VMID',
    })
  const guest = facts.listed.get(vmid)
  if (guest !== undefined) return { machine, guest }
  throw new ProvisionError('USAGE', `There is no VM ${vmid}, or this token may not see it.`, {
    hint: 'Check the ID in the web interface. The token needs VM.Audit on the VM.',
  })
}

function ambiguous({ name }: Machine, guests: readonly ListedGuest[]): ProvisionError {
  const ids = guests.map(({ vmid, node }) => `${vmid} on ${node}`)
  return new ProvisionError('USAGE', `Several VMs are called ${name}: ${ids.join(', ')}.`, {
    hint: `Give the ID: pve-provision adopt ${name} ${guests[0]?.vmid}`,
  })
}

interface Reading extends Pick<AdoptionQuestion, 'facts'> {
  readonly pve: World['pve']
  readonly signal: AbortSignal | undefined
}

async function readAdoption(
  { machine, guest: { vmid, node } }: Pair,
  { pve, facts, signal }: Reading,
): Promise<ObservedAdoption | undefined> {
  const config = await readConfig({ vmid, node }, pve, signal)
  if (config === undefined) return undefined
  const { status } = await api(pve, { signal }).nodes.$(node).qemu.$(vmid).status.current.$get()
  const { pool, haState } = facts.listed.get(vmid) ?? {}
  return {
    machine,
    vmid,
    node,
    config,
    status: status === 'running' ? 'running' : 'stopped',
    ...(pool !== undefined && { pool }),
    ...(haState !== undefined && { ha: { state: haState } }),
  }
}
