// Migrates a VM to the node that the manifest names: live if it is running.
import { ProvisionError } from '../../errors.ts'
import type { StepOf } from '../../plan/step.ts'
import { isProblem } from '../../ports/pve/call/pve-problem.ts'
import { followProcess, unreadKeys } from '../guest/follow-process.ts'
import { readOwnGuest } from '../guest/guest-config.ts'
import { listGuests } from '../guest/guest-listing.ts'
import { MANAGER_PATIENCE_MS } from '../guest/ha.ts'
import { machineIdentity } from '../guest/inspect-guest.ts'
import { runTask } from '../guest/run-task.ts'
import type { GuestRow } from '../run-state.ts'
import type { StepContext, StepRunner } from '../step-context.ts'

export const move: StepRunner<'move'> = async ({ machine, vmid, node, to, live }, context) => {
  const identity = machineIdentity(machine, context)
  // Use the current node, because an earlier run may have started the migration.
  const guest = await readOwnGuest({ vmid, node }, identity, context)
  if (guest.node === to) return { guest: { vmid, node: to }, kept: true }
  const keys = live ? await unreadKeys(guest, context) : []
  context.stage(`migrating to ${to}`)
  const parameters = { target: to, online: live, ...(live && { 'with-local-disks': true }) }
  const isDone = async () => (await rowOf(vmid, context))?.node === to
  try {
    await runTask(
      { guest, start: (api) => api.nodes.$(guest.node).qemu.$(vmid).migrate.$post(parameters), isDone },
      context,
    )
  } catch (thrown) {
    if (!isProblem(thrown, 'vm-locked') || !(await movedByOther(vmid, to, context))) throw thrown
  }
  await untilMovedByManager({ machine, vmid, node: guest.node, to }, context)
  await followProcess({ vmid, node: to }, { keys, identity }, context)
  return { guest: { vmid, node: to } }
}

type Order = Pick<StepOf<'move'>, 'machine' | 'vmid' | 'node' | 'to'>

/** For a VM under HA, the task only sends a request. The HA manager drops some requests without a word. */
async function untilMovedByManager({ machine, vmid, node, to }: Order, context: StepContext): Promise<void> {
  const { clock } = context.world
  for (let quietSinceMs = clock.now(); ; ) {
    const row = await rowOf(vmid, context)
    if (row?.node === to) return
    const isMoving = row?.lock === 'migrate' || /^(migrate|relocate)$/.test(row?.hastate ?? '')
    if (isMoving) quietSinceMs = clock.now()
    if (clock.now() - quietSinceMs > MANAGER_PATIENCE_MS)
      throw new ProvisionError('CONFLICT', `The HA manager did not move ${machine} (${vmid}) from ${node} to ${to}.`, {
        hint: `Look at the HA rules and groups that name it, and at: ha-manager status`,
        details: { machine, vmid, node },
      })
    await clock.sleep(1_000, context.signal)
  }
}

/** Another run may be moving it. Waits while it is locked for that. @returns true if it arrived */
async function movedByOther(vmid: number, to: string, context: StepContext): Promise<boolean> {
  for (;;) {
    const row = await rowOf(vmid, context)
    if (row?.node === to) return true
    if (row?.lock !== 'migrate') return false
    await context.world.clock.sleep(1_000, context.signal)
  }
}

async function rowOf(vmid: number, context: StepContext): Promise<GuestRow | undefined> {
  return (await listGuests(context)).find((row) => row.vmid === vmid)
}
