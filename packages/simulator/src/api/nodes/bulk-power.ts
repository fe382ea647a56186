// Starts and stops all guests of a node in their startup order (pve-manager `API2/Nodes.pm`).
import { forbidden } from '../../errors.ts'
import { isManaged } from '../../guests/high-availability.ts'
import { isTemplate } from '../../guests/power.ts'
import { fieldsOf } from '../../state/fields.ts'
import type { Machine } from '../../state/machines.ts'
import { textOf } from '../../state/vm-config.ts'
import { pause } from '../../tasks/pause.ts'
import type { TaskContext } from '../../tasks/tasks.ts'
import { type Call, type Endpoint, listOf, makeCall } from '../call.ts'
import { shutdown, start } from '../qemu/power.ts'

export const bulkPowerEndpoints: readonly Endpoint[] = [
  { path: '/nodes/{node}/startall', method: 'POST', handle: startAll },
  { path: '/nodes/{node}/stopall', method: 'POST', handle: stopAll },
]

interface Guest {
  readonly machine: Machine
  readonly startup: ReadonlyMap<string, string>
  /** Lower numbers start first. Guests without an order come last. */
  readonly order: number
}

/** Returns the guests of a call. Templates are excluded, and HA resources as well unless the call names guests. */
function guestsOf(call: Call): readonly Guest[] {
  const wanted = call.optional('vms') === undefined ? undefined : new Set(listOf(call.optional('vms')))
  return call.world.machines
    .on(call.node)
    .filter((machine) => !isTemplate(machine))
    .filter(({ vmid }) => (wanted === undefined ? !isManaged(call.world, vmid) : wanted.has(String(vmid))))
    .map((machine) => {
      const startup = fieldsOf(textOf(machine.config, 'startup') ?? '', 'order')
      return { machine, startup, order: Number(startup.get('order') ?? Number.MAX_SAFE_INTEGER) }
    })
    .sort((one, other) => one.order - other.order || one.machine.vmid - other.machine.vmid)
}

function checkMayPower(call: Call): void {
  if (call.may('/', 'VM.PowerMgmt')) return
  const vms = listOf(call.optional('vms'))
  if (vms.length === 0) throw forbidden('/, VM.PowerMgmt')
  for (const vmid of vms) call.needs(`/vms/${vmid}`, 'VM.PowerMgmt')
}

/** Guests with the same order run in parallel, up to `max-workers`. The next order waits for them. */
async function inOrder(
  call: Call,
  guests: readonly Guest[],
  work: (guest: Guest) => Promise<string | undefined>,
): Promise<void> {
  const cores = call.world.nodes.get(call.node)?.cores ?? 1
  const standard = call.world.datacenter.options.get('max_workers') ?? Math.min(Math.max(1, cores - 1), 8)
  const workers = Number(call.optional('max-workers') ?? standard)
  const running = new Set<Promise<unknown>>()
  let order = guests[0]?.order
  for (const guest of guests) {
    if (guest.order !== order) await Promise.all(running)
    order = guest.order
    const upid = await work(guest)
    const task = upid === undefined ? undefined : call.world.tasks.find(upid)
    if (task === undefined) continue
    const ended: Promise<unknown> = task.done.finally(() => running.delete(ended))
    running.add(ended)
    while (running.size >= workers) await Promise.race(running)
  }
  await Promise.all(running)
}

function startAll(call: Call): Promise<string> {
  checkMayPower(call)
  return call.task('startall', '', async (task) => {
    const all = guestsOf(call).filter(({ machine }) => call.flag('force') || machine.config.values.get('onboot') === 1)
    await inOrder(call, all, async ({ machine, startup }) => {
      if (machine.power !== undefined) return undefined
      const { vmid } = machine
      task.log(`Starting VM ${vmid}`)
      const upid = await start(callOn(call, vmid))
      void tellFailure(call, task, { vmid, upid })
      const up = startup.get('up')
      if (up !== undefined && Number(up) > 0) task.log(`Waiting for ${Number(up)} seconds (startup delay)`)
      // Proxmox waits three seconds to limit the load. This is skipped without latencies.
      if (call.world.latency.startMs > 0) await pause(call.world, task, Number(up ?? 3) * 1000)
      return upid
    })
  })
}

/** Creates the call of the same user for one guest, as Proxmox does. */
function callOn(call: Call, vmid: number, values: Readonly<Record<string, string>> = {}): Call {
  const { world, node, identity } = call
  return makeCall(world, { method: 'POST', identity, node, values: { node, vmid: String(vmid), ...values } })
}

async function tellFailure(
  { world }: Call,
  task: TaskContext,
  { vmid, upid }: { vmid: number; upid: string },
): Promise<void> {
  const start = world.tasks.find(upid)
  await start?.done
  const status = start?.exitStatus ?? 'OK'
  if (!/^(?:OK|WARNINGS: \d+)$/.test(status)) task.log(`Starting VM ${vmid} failed: ${status}`)
}

function stopAll(call: Call): Promise<string> {
  checkMayPower(call)
  return call.task('stopall', '', async (task) => {
    await inOrder(call, [...guestsOf(call)].reverse(), async ({ machine, startup }) => {
      if (machine.power === undefined) return undefined
      const { vmid } = machine
      const timeout = startup.get('down') ?? call.optional('timeout') ?? '180'
      task.log(`Stopping VM ${vmid} (timeout = ${Number(timeout)} seconds)`)
      return shutdown(callOn(call, vmid, { timeout, forceStop: call.flag('force-stop', true) ? '1' : '0' }))
    })
  })
}
