// Machines under HA: a start or stop is only a request, which the HA manager carries out later.
import { type Call, makeCall } from '../api/call.ts'
import { failure } from '../errors.ts'
import { wantState } from '../state/ha-config.ts'
import type { World } from '../world.ts'
import { withGuestLock } from './guest-locks.ts'
import { migrateInTask, readMigration } from './migrate/migrate.ts'
import { checkUnlocked, isTemplate, startGuest, stopGuest } from './power.ts'

export function isManaged(world: World, vmid: number): boolean {
  const state = world.ha.resources.get(`vm:${vmid}`)?.state
  // `ignored` counts as not managed (PVE::HA::Config).
  return state !== undefined && state !== 'ignored'
}

/** Removes the resource and its name in rules. A rule without resources is removed too. */
export function forgetResource({ ha }: World, sid: string): boolean {
  const found = ha.resources.delete(sid)
  ha.failed.delete(sid)
  for (const [name, { settings }] of ha.rules) {
    const left = (settings.get('resources') ?? '').split(',').filter((one) => one !== sid)
    if (left.join() === '') ha.rules.delete(name)
    else settings.set('resources', left.join(','))
  }
  return found
}

/** Returns the task that the caller gets. It ends when the request is recorded, not when the machine runs. */
export function requestState(call: Call, vmid: number, state: 'started' | 'stopped'): Promise<string> {
  const word = state === 'started' ? 'start' : 'stop'
  return call.task(`ha${word}`, String(vmid), async (task) => {
    task.log(`Requesting HA ${word} for VM ${vmid}`)
    const resource = call.world.ha.resources.get(`vm:${vmid}`)
    if (resource === undefined) throw failure(`no such resource 'vm:${vmid}'`)
    wantState(resource, state)
    call.world.ha.save()
    enforceLater(call.world, vmid)
  })
}

/** Like `requestState`, for a migration. */
export function requestMigration(call: Call, vmid: number, node: string): Promise<string> {
  return call.task('hamigrate', String(vmid), async (task) => {
    task.log(`Requesting HA migration for VM ${vmid} to node ${node}`)
    moveLater(call.world, { vmid, node, online: true })
  })
}

interface ManagedMove {
  readonly vmid: number
  readonly node: string
  readonly online: boolean
}

/** No caller waits for it; errors are in the manager's task. A node that does not exist is ignored. */
export function moveLater(world: World, move: ManagedMove): void {
  moveManaged(world, move).catch(() => undefined)
}

async function moveManaged(world: World, { vmid, node, online }: ManagedMove): Promise<void> {
  await world.clock.sleep(world.latency.haMs)
  const machine = world.machines.find(vmid)
  if (machine === undefined || machine.node === node || world.nodes.get(node)?.online !== true) return
  const values = { vmid: String(vmid), target: node, 'with-local-disks': '1', online: online ? '1' : '0' }
  const identity = { name: 'root@pam', isToken: false }
  const call = makeCall(world, { method: 'POST', identity, node: machine.node, values })
  await migrateInTask(call, readMigration(call))
}

/** Acts for the HA manager after some seconds, as root and in separate tasks. */
export function enforceLater(world: World, vmid: number): void {
  // No caller waits for it. Errors are in its task.
  enforce(world, vmid).catch(() => undefined)
}

async function enforce(world: World, vmid: number): Promise<void> {
  await world.clock.sleep(world.latency.haMs)
  const wanted = world.ha.resources.get(`vm:${vmid}`)?.state
  const machine = world.machines.find(vmid)
  if (machine === undefined || wanted === undefined) return
  const { failed } = world.ha
  const sid = `vm:${vmid}`
  if (wanted === 'disabled') failed.delete(sid)
  if (failed.has(sid)) return
  const identity = { name: 'root@pam', isToken: false }
  const call = makeCall(world, { method: 'POST', identity, node: machine.node, values: {} })
  if (wanted === 'started' && machine.power === undefined && !isTemplate(machine)) {
    await call.task('qmstart', String(vmid), async (task) => {
      try {
        await startGuest(call, task, vmid)
      } catch (error) {
        // It first tries again on this and on other nodes, for several rounds.
        failed.add(sid)
        throw error
      }
    })
  } else if ((wanted === 'stopped' || wanted === 'disabled') && machine.power !== undefined) {
    await call.task('qmshutdown', String(vmid), (task) =>
      withGuestLock(world, { node: machine.node, vmid, task }, async () => {
        checkUnlocked(machine)
        await world.clock.sleep(world.latency.shutdownMs, task.signal)
        await stopGuest(call, task, machine)
      }),
    )
  }
}
