// Template → VM: clones with the marker in the same call, then changes the VM to what the manifest declares.

import { ProvisionError } from '../../errors.ts'
import { candidateVmids } from '../../facts/cluster/candidates.ts'
import { type Marker, writeDescription } from '../../facts/cluster/marker.ts'
import { readConfig } from '../../facts/cluster/observe-guests.ts'
import type { GuestFacts } from '../../facts/facts.ts'
import type { Machine } from '../../manifest/manifest.ts'
import { UNFINISHED } from '../../plan/compare/spec-hash.ts'
import { newExpiry } from '../../plan/day-two/expiry.ts'
import type { StepOf } from '../../plan/step.ts'
import type { PveApi } from '../../ports/pve/api.ts'
import { isProblem } from '../../ports/pve/call/pve-problem.ts'
import { type Claimed, claimGuest } from '../guest/claim-guest.ts'
import { resolveDuplicates } from '../guest/duplicates.ts'
import { type GuestPlace, isGone, type OwnGuest, readOwnGuest } from '../guest/guest-config.ts'
import { machineIdentity } from '../guest/inspect-guest.ts'
import { reconcile } from '../guest/reconcile.ts'
import { runTask } from '../guest/run-task.ts'
import { keepTags } from '../replace/keep-tags.ts'
import { copyCards } from '../replace/retire.ts'
import { guestOf, machineOf, type StepContext, type StepRunner } from '../step-context.ts'

export const create: StepRunner<'create'> = async (step, context) => {
  const machine = machineOf(context, step.machine)
  const old = destroyedBefore(machine, context)
  for (let attempt = 1; ; attempt += 1) {
    const leaves = step.lanes.filter((lane) => isOfClone(lane, machine))
    const claimed = await claimMachine(machine, { ...step, leaves, pool: old?.pool }, context)
    const inherits = old !== undefined && claimed.made
    try {
      if (inherits) await copyCards(old, await readOwn(machine, claimed, context), context)
      const { place, changed } = await reconcile(machine, { place: claimed, disksFrom: step.disksFrom }, context)
      if (inherits) await keepTags(machine, { old, successor: place }, context)
      return { guest: place, kept: !claimed.made && !changed }
    } catch (thrown) {
      // A parallel run kept its own duplicate. Claiming again finds that one.
      if (!isGone(thrown) || attempt >= 3) throw thrown
    }
  }
}

/** A machine with a fixed id is destroyed before its successor exists, which keeps what belongs to the machine. */
function destroyedBefore({ vmid, name, renamedFrom }: Machine, { facts }: StepContext): GuestFacts | undefined {
  return facts.guests.find((guest) => guest.vmid === vmid && [name, renamedFrom].includes(guest.marker.name))
}

function readOwn({ name }: Machine, place: GuestPlace, context: StepContext): Promise<OwnGuest> {
  return readOwnGuest(place, machineIdentity(name, context), context)
}

/** If the machine allocates more volumes after the clone, it keeps the lane of their storage. */
function isOfClone(lane: string, { disks, firmware, disk }: Machine): boolean {
  const allocates = disks.length > 0 || firmware.bios === 'ovmf' || firmware.tpm || disk.sizeBytes !== undefined
  return lane.startsWith('template:') || (lane.startsWith('storage:') && !allocates)
}

/** The values of a step that a clone needs. */
export interface CloneOrder extends Pick<StepOf<'create'>, 'base' | 'node' | 'templateFrom' | 'linked'> {
  /** The pool of a machine whose manifest names none. */
  readonly pool?: string | undefined
}

/** Creates the machine, or finds the one that this or another run created. `beside` is added to its marker. */
export async function claimMachine(
  machine: Machine,
  step: CloneOrder & { readonly beside?: Partial<Marker>; readonly leaves?: readonly string[] },
  context: StepContext,
): Promise<Claimed> {
  const { project, vmids } = context.desired
  // The spec marks it as not configured yet. If this run ends here, the next one finishes it.
  const marker: Marker = {
    project,
    name: machine.name,
    kind: 'machine',
    image: machine.image,
    base: step.base,
    spec: UNFINISHED,
    ...(machine.file !== undefined && { file: machine.file }),
    ...newExpiry(machine, context.world.clock.now()),
    ...step.beside,
  }
  const claimed = await claimGuest(
    {
      identity: marker,
      candidates: machine.vmid === undefined ? candidateVmids(project, machine.name, vmids) : [machine.vmid],
      node: step.node,
      nodes: machine.nodes,
      async make(vmid) {
        await clone(vmid, { step, machine, marker, context })
        // All disks exist. From here on only the config changes.
        context.leave(step.leaves ?? [])
      },
    },
    context,
  )
  if (machine.vmid !== undefined) return claimed
  const walk = { name: machine.name, range: vmids }
  return resolveDuplicates(claimed, { identity: marker, walk, guestName: machine.name }, context)
}

interface Clone {
  readonly step: CloneOrder
  readonly machine: Machine
  readonly marker: Marker
  readonly context: StepContext
}

function clone(vmid: number, { step, machine, marker, context }: Clone): Promise<void> {
  const { name, pool = step.pool, image, description } = machine
  const text = writeDescription({ ...marker, vmid }, description)
  return cloneTemplate({ ...step, vmid, name, pool, image, description: text, storage: machine.storage.disks }, context)
}

/** A guest to clone from a template. */
export interface TemplateClone extends Pick<CloneOrder, 'node' | 'templateFrom' | 'linked'> {
  readonly vmid: number
  readonly name: string
  readonly description: string
  readonly pool: string | undefined
  readonly storage: string
  /** The image of the template. */
  readonly image: string
}

/** Creates the clone. The call contains its marker. */
export async function cloneTemplate(order: TemplateClone, context: StepContext): Promise<void> {
  const { vmid, name, description, pool, storage, image, linked, node } = order
  const source = guestOf(context, order.templateFrom)
  const parameters = {
    newid: vmid,
    name,
    description,
    // On shared storage, a clone may be created on another node.
    target: source.node === node ? undefined : node,
    pool,
    // A linked clone accepts neither `storage` nor `full`.
    ...(linked ? {} : { full: true, storage }),
  }
  try {
    // One attempt only: after a lock timeout, `claimGuest` checks who has the id before it tries again.
    const start = (api: PveApi) => api.nodes.$(source.node).qemu.$(source.vmid).clone.$post(parameters)
    await runTask({ start, attempts: 1 }, context)
  } catch (thrown) {
    if (!isProblem(thrown, 'not-found') || (await isThere(source, context))) throw thrown
    throw new ProvisionError('CONFLICT', `Template ${source.vmid} of ${image} was removed during the run.`, {
      cause: thrown,
      hint: 'Run again to create the template again.',
      details: { vmid: source.vmid },
    })
  }
}

async function isThere(place: GuestPlace, { world, signal }: StepContext): Promise<boolean> {
  return (await readConfig(place, world.pve, signal)) !== undefined
}
