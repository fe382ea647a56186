// The cluster: its nodes, free ids, options.
import { badParameters } from '../../errors.ts'
import type { Call, Endpoint } from '../call.ts'

export const clusterEndpoints: readonly Endpoint[] = [
  { path: '/cluster/status', method: 'GET', handle: status },
  { path: '/cluster/nextid', method: 'GET', handle: nextId },
  { path: '/cluster/options', method: 'GET', handle: options },
  { path: '/cluster/options', method: 'PUT', handle: setOptions },
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

/** Reserves nothing: everybody who asks at the same time gets the same number. */
function nextId(call: Call): string {
  const wanted = call.optional('vmid')
  if (wanted !== undefined) {
    if (call.world.machines.find(Number(wanted)) !== undefined)
      throw badParameters({ vmid: `VM ${wanted} already exists` })
    return wanted
  }
  let id = 100
  while (call.world.machines.find(id) !== undefined) id += 1
  return String(id)
}

function options(call: Call): Record<string, unknown> {
  return Object.fromEntries(call.world.options)
}

function setOptions(call: Call): null {
  for (const [key, value] of Object.entries(call.parameters)) if (key !== 'delete') call.world.options.set(key, value)
  for (const key of (call.optional('delete') ?? '').split(',')) call.world.options.delete(key)
  return null
}
