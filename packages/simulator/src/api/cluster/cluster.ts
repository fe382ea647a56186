// The cluster: its nodes, and free ids.
import { badParameters, failure } from '../../errors.ts'
import type { Call, Endpoint } from '../call.ts'
import { idRange } from './options.ts'

export const clusterEndpoints: readonly Endpoint[] = [
  { path: '/cluster/status', method: 'GET', handle: status },
  { path: '/cluster/nextid', method: 'GET', handle: nextId },
]

function status({ world }: Call): readonly Record<string, unknown>[] {
  const nodes = [...world.nodes.values()]
  const rows: Record<string, unknown>[] = nodes.map((node, index) => ({
    type: 'node',
    id: `node/${node.name}`,
    name: node.name,
    nodeid: nodes.length === 1 ? 0 : index + 1,
    ip: node.address,
    level: '',
    local: node.name === world.home ? 1 : 0,
    online: node.online ? 1 : 0,
  }))
  const cluster = {
    type: 'cluster',
    id: 'cluster',
    name: 'simulated',
    version: nodes.length,
    nodes: nodes.length,
    quorate: world.quorate ? 1 : 0,
  }
  return nodes.length === 1 ? rows : [cluster, ...rows]
}

/** Does not reserve the id: all callers at the same time get the same one. For a taken id, all callers get an error. */
function nextId(call: Call): string {
  const { machines, datacenter } = call.world
  const wanted = call.optional('vmid')
  if (wanted !== undefined) {
    if (machines.find(Number(wanted)) !== undefined) throw badParameters({ vmid: `VM ${wanted} already exists` })
    return wanted
  }
  const { lower, upper } = idRange(datacenter.options.get('next-id'))
  for (let id = lower; id < upper; id += 1) if (machines.find(id) === undefined) return String(id)
  throw failure(`unable to get any free VMID in range [${lower}, ${upper}]`)
}
