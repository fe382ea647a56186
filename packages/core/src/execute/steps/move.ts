// Migrates a VM to the node that the manifest names: live if it is running.
import { followProcess, unreadKeys } from '../guest/follow-process.ts'
import { readOwnGuest } from '../guest/guest-config.ts'
import { listGuests } from '../guest/guest-listing.ts'
import { runTask } from '../guest/run-task.ts'
import type { StepRunner } from '../step-context.ts'

export const move: StepRunner<'move'> = async ({ machine, vmid, node, to, live }, context) => {
  const identity = { project: context.desired.project, name: machine, kind: 'machine' } as const
  // Use the current node, because an earlier run may have started the migration.
  const guest = await readOwnGuest({ vmid, node }, identity, context)
  if (guest.node === to) return { guest: { vmid, node: to }, kept: true }
  const keys = live ? await unreadKeys(guest, context) : []
  context.stage(`migrating to ${to}`)
  const parameters = { target: to, online: live, ...(live && { 'with-local-disks': true }) }
  const isDone = async () => (await nodeOf(vmid, context)) === to
  await runTask(
    { guest, start: (api) => api.nodes.$(guest.node).qemu.$(vmid).migrate.$post(parameters), isDone },
    context,
  )
  // For a VM under HA, the task only sends a request to the HA manager.
  while ((await nodeOf(vmid, context)) !== to) await context.world.clock.sleep(1_000, context.signal)
  await followProcess({ vmid, node: to }, { keys, identity }, context)
  return { guest: { vmid, node: to } }
}

async function nodeOf(vmid: number, context: Parameters<typeof listGuests>[0]): Promise<string | undefined> {
  return (await listGuests(context)).find((row) => row.vmid === vmid)?.node
}
