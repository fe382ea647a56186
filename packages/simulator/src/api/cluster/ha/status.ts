// The status of the HA manager and of its services (pve-ha-manager `API2/HA/Status.pm`).
import { createHash } from 'node:crypto'
import { isManaged } from '../../../guests/high-availability.ts'
import type { HaResource } from '../../../state/ha-config.ts'
import type { World } from '../../../world.ts'
import type { Endpoint } from '../../call.ts'
import { typed } from './sections.ts'

type Row = Readonly<Record<string, unknown>>

export const haStatusEndpoints: readonly Endpoint[] = [
  { path: '/cluster/ha/status', method: 'GET', handle: ({ world }) => folders(world) },
  { path: '/cluster/ha/status/current', method: 'GET', handle: ({ world }) => status(world) },
  { path: '/cluster/ha/status/manager_status', method: 'GET', handle: ({ world }) => managerStatus(world) },
]

function folders({ version }: World): readonly Row[] {
  const names = ['current', 'manager_status', ...(version === '8.4' ? [] : ['disarm-ha', 'arm-ha'])]
  return names.map((name) => ({ name }))
}

/** The manager becomes active with the first managed machine, and stays so. */
export function isActive(world: World): boolean {
  const { ha } = world
  if ([...ha.resources.values()].some((resource) => stateInManager(world, resource) !== undefined)) ha.isMaster = true
  return ha.isMaster
}

/**
 * Returns the state that the manager has brought a machine to. Undefined before its first round, and for ignored
 * machines.
 */
export function stateInManager(world: World, { sid, state, since }: HaResource): string | undefined {
  const vmid = Number(sid.split(':')[1])
  if (!isManaged(world, vmid) || world.clock.now() - since < world.latency.haMs) return undefined
  if (state === 'disabled') return 'disabled'
  if (world.ha.failed.has(sid)) return 'error'
  return world.machines.find(vmid)?.power === undefined ? 'stopped' : 'started'
}

function status(world: World): readonly Row[] {
  const { home, quorate, version } = world
  const quorum = quorate ? 'OK' : `No quorum on node '${home}'!`
  return [
    { id: 'quorum', type: 'quorum', node: home, status: quorum, quorate: quorate ? 1 : 0 },
    ...(isActive(world) ? [masterRow(world)] : []),
    ...(version === '8.4' ? [] : [fencingRow(world)]),
    ...(isActive(world) ? [...world.nodes.keys()].map((node) => nodeRow(world, node)) : []),
    ...[...world.ha.resources.values()]
      .sort((one, other) => (one.sid < other.sid ? -1 : 1))
      .map((resource) => serviceRow(world, resource)),
  ]
}

/** `Sun Nov 29 10:36:05 2026` */
function perlTime(seconds: number): string {
  const [, day, date, month, year, time] =
    /^(\w+), (\d+) (\w+) (\d+) (\S+)/.exec(new Date(seconds * 1000).toUTCString()) ?? []
  return `${day} ${month} ${String(Number(date)).padStart(2)} ${time} ${year}`
}

const nowSeconds = ({ clock }: World): number => Math.floor(clock.now() / 1000)

function masterRow(world: World): Row {
  const timestamp = nowSeconds(world)
  const text = `${world.home} (active, ${perlTime(timestamp)})`
  return { id: 'master', type: 'master', node: world.home, status: text, timestamp }
}

function fencingRow(world: World): Row {
  const [state, watchdog] = isActive(world) ? ['armed', 'active'] : ['standby', 'standby']
  const text = `${state} (CRM watchdog ${watchdog})`
  return { id: 'fencing', type: 'fencing', node: world.home, status: text, 'armed-state': state }
}

const isBusyNode = (world: World, node: string): boolean =>
  [...world.ha.resources.values()].some(
    (resource) => stateInManager(world, resource) !== undefined && nodeOf(world, resource) === node,
  )

function nodeRow(world: World, node: string): Row {
  const timestamp = nowSeconds(world)
  const isBusy = isBusyNode(world, node)
  const state = isBusy ? 'active' : 'idle'
  const watchdog = world.version === '8.4' ? '' : ` watchdog ${isBusy ? 'active' : 'standby'},`
  const text = `${node} (${state},${watchdog} ${perlTime(timestamp)})`
  return { id: `lrm:${node}`, type: 'lrm', node, status: text, timestamp }
}

export function nodeOf({ machines }: World, { sid }: HaResource): string | undefined {
  return machines.find(Number(sid.split(':')[1]))?.node
}

function serviceRow(world: World, resource: HaResource): Row {
  const { sid, state: wanted, settings } = resource
  const inManager = stateInManager(world, resource)
  const node = nodeOf(world, resource)
  const state = verboseState(wanted, { inManager, node })
  const { state: _, ...given } = typed(settings)
  return {
    id: `service:${sid}`,
    type: 'service',
    sid,
    ...(node !== undefined && { node }),
    ...(inManager !== undefined && { crm_state: inManager }),
    state,
    status: `${sid} (${node ?? '---'}, ${state})`,
    request_state: wanted,
    max_restart: 1,
    max_relocate: 1,
    ...(world.version !== '8.4' && { failback: 1 }),
    ...given,
  }
}

/** Returns the text that users see while the wanted state is not reached (`get_verbose_service_state`). */
function verboseState(
  wanted: string,
  { inManager, node }: { inManager?: string | undefined; node?: string | undefined },
) {
  if (wanted === 'ignored') return 'ignored'
  if (node === undefined) return 'not found'
  if (inManager === undefined) return 'queued'
  if (inManager === 'stopped' && wanted === 'started') return 'starting'
  return inManager === 'started' && (wanted === 'stopped' || wanted === 'disabled') ? 'stopping' : inManager
}

function managerStatus(world: World): Row {
  const quorum = { node: world.home, quorate: world.quorate ? '1' : '0' }
  if (!isActive(world)) return { manager_status: { node_status: {} }, quorum }
  const timestamp = nowSeconds(world)
  const nodes = [...world.nodes.values()]
  const services = [...world.ha.resources.values()].flatMap((resource) => {
    const state = stateInManager(world, resource)
    const service = { node: nodeOf(world, resource), state, uid: jobId(resource, state) }
    return state === undefined
      ? []
      : [[resource.sid, state === 'started' ? { ...service, running: 1 } : service] as const]
  })
  const results = (node: string) =>
    services
      .filter(([, service]) => service.node === node)
      .map(([sid, { uid, state }]) => [uid, { exit_code: state === 'error' ? 1 : 0, sid, state }] as const)
  return {
    manager_status: {
      master_node: world.home,
      node_status: Object.fromEntries(nodes.map(({ name, online }) => [name, online ? 'online' : 'unknown'])),
      service_status: Object.fromEntries(services),
      timestamp,
    },
    quorum,
    lrm_status: Object.fromEntries(
      nodes.map(({ name }) => [
        name,
        {
          mode: 'active',
          results: Object.fromEntries(results(name)),
          state: isBusyNode(world, name) ? 'active' : 'wait_for_agent_lock',
          timestamp,
        },
      ]),
    ),
  }
}

/** The id of the manager's last request for a machine: an MD5 sum in base64 without padding. */
function jobId({ sid, since }: HaResource, state: string | undefined): string {
  return createHash('md5').update(`${sid} ${state} ${since}`).digest('base64').slice(0, 22)
}
