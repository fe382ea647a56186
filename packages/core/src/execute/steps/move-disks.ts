// Moves disks to other storages of their node, one after the other. Disks of a running VM move live. Proxmox removes the
// old volume afterwards. If that fails, no config names the volume any more, so the step warns.
import { ProvisionError } from '../../errors.ts'
import { readPending } from '../../facts/cluster/pending-config.ts'
import { volumeStorage } from '../../manifest/machine-disks.ts'
import { volumeOfDrive } from '../../plan/compare/own-disks.ts'
import { textOf } from '../../plan/config/property-string.ts'
import type { StepOf } from '../../plan/step.ts'
import { api, type DiskKey, type PveApi } from '../../ports/pve/api.ts'
import { listOwnRunningTasks } from '../../ports/pve/tasks/own-tasks.ts'
import { type GuestPlace, type OwnGuest, readOwnGuest } from '../guest/guest-config.ts'
import { machineIdentity } from '../guest/inspect-guest.ts'
import { runTask, waitOut } from '../guest/run-task.ts'
import { retryOnConflict } from '../retry-on-conflict.ts'
import type { StepContext, StepRunner } from '../step-context.ts'

type Order = StepOf<'move-disks'>['disks'][number]

export const moveDisks: StepRunner<'move-disks'> = async ({ machine, vmid, node, disks }, context) => {
  const identity = machineIdentity(machine, context)
  const read = () => readOwnGuest({ vmid, node }, identity, context)
  await waitForMoves(await read(), context)
  let moved = 0
  for (const disk of disks) {
    context.signal.throwIfAborted()
    if (await moveDisk(disk, read, context)) moved += 1
  }
  const { node: at } = await read()
  return { guest: { vmid, node: at }, kept: moved === 0 }
}

/** A move that a killed run started continues in Proxmox, which locks the VM until the end of the move. */
async function waitForMoves({ vmid, node }: GuestPlace, context: StepContext): Promise<void> {
  const { world, signal } = context
  const running = await listOwnRunningTasks(world.pve, { nodes: [node], identity: world.pve.identity, signal })
  const moves = running.filter(({ type, id }) => type === 'qmmove' && id === String(vmid))
  for (const { upid } of moves) await waitOut(upid, context)
}

/** @returns true if this run moved the disk */
async function moveDisk(order: Order, read: () => Promise<OwnGuest>, context: StepContext): Promise<boolean> {
  return retryOnConflict(async () => {
    const guest = await read()
    const is = volumeStorage(guest.config[order.key])
    if (is === order.to) return false
    if (is !== order.from) {
      context.warn(`${order.key} of ${guest.vmid} is no longer on ${order.from}; it is not moved.`)
      return false
    }
    context.stage(`moving ${order.key} to ${order.to}`)
    await refusePending(guest, order, context)
    await send(guest, order, { read, context })
    await sayLeftover(guest, order, context)
    return true
  }, context)
}

/** A pending value names the old volume. Proxmox would apply it at the next start, after the volume was removed. */
async function refusePending({ vmid, node }: OwnGuest, { key }: Order, { world }: StepContext): Promise<void> {
  const read = await readPending({ vmid, node }, world.pve)
  if (!read?.pending.some((one) => one.key === key)) return
  throw new ProvisionError('CONFLICT', `Changes to ${key} of ${vmid} wait for a restart; it is not moved until then.`, {
    hint: 'Restart the machine first: pve-provision apply --restart',
    details: { vmid },
  })
}

interface Sending {
  readonly read: () => Promise<OwnGuest>
  readonly context: StepContext
}

async function send(guest: OwnGuest, { key, to }: Order, { read, context }: Sending): Promise<void> {
  const { vmid, node, config } = guest
  const digest = textOf(config.digest)
  const parameters = { disk: key as DiskKey, storage: to, delete: true, ...(digest !== '' && { digest }) }
  const start = (calls: PveApi) =>
    calls.nodes
      .$(node)
      .qemu.$(vmid)
      .move_disk.$post(parameters as MoveParameters)
  const isDone = async () => volumeStorage((await read()).config[key]) === to
  await runTask({ guest, start, isDone }, context)
}

type MoveParameters = Parameters<ReturnType<ReturnType<PveApi['nodes']['$']>['qemu']['$']>['move_disk']['$post']>[0]

/** A failed removal does not fail the task (qemu-server `move_vm_disk`), so the content of the storage is listed. */
async function sayLeftover(guest: OwnGuest, { key, from }: Order, { world, signal, warn }: StepContext): Promise<void> {
  const { vmid, node, config } = guest
  const volume = volumeOfDrive(config[key])
  try {
    const rows = await api(world.pve, { signal })
      .nodes.$(node)
      .storage.$(from)
      .content.$get({ vmid, content: 'images' })
    if (!rows.some(({ volid }) => volid === volume)) return
  } catch (thrown) {
    // A move needs no privilege on the old storage, but the listing does.
    if (thrown instanceof ProvisionError && thrown.code === 'PERMISSION') return
    throw thrown
  }
  warn(
    `${volume} was copied, but Proxmox could not remove the original. As root on ${node}, \`qm disk rescan --vmid ${vmid}\` lists it as an unused disk.`,
  )
}
