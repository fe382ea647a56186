// The settings of a node, and wake-on-LAN with them (pve-manager `API2/NodeConfig.pm`, `API2/Nodes.pm`).
import { failure, notSimulated } from '../../errors.ts'
import { fieldsOf } from '../../state/fields.ts'
import { readNodeConfig, writeNodeConfig } from '../../state/node-config.ts'
import { type Call, type Endpoint, listOf } from '../call.ts'

export const nodeConfigEndpoints: readonly Endpoint[] = [
  { path: '/nodes/{node}/config', method: 'GET', handle: show },
  { path: '/nodes/{node}/config', method: 'PUT', handle: change },
  { path: '/nodes/{node}/wakeonlan', method: 'POST', handle: wake },
]

function show({ world, node, ...call }: Call): Record<string, unknown> {
  const wanted = call.optional('property')
  const options = [...readNodeConfig(world.root, node)].filter(([key]) => wanted === undefined || key === wanted)
  return Object.fromEntries(options)
}

function change({ world, node, ...call }: Call): null {
  const { delete: removed, digest, node: _, ...set } = call.parameters
  if (Object.keys(set).some((key) => key.startsWith('acme'))) throw notSimulated('ACME')
  const options = new Map(readNodeConfig(world.root, node))
  if (digest !== undefined && digest !== '' && options.has('digest') && digest !== options.get('digest')) {
    throw failure('detected modified configuration - file changed by other user? Try again.')
  }
  for (const [key, value] of Object.entries(set)) options.set(key, value)
  for (const key of listOf(removed)) options.delete(key)
  writeNodeConfig(world.root, node, options)
  return null
}

/** Sends no packet. A node that is off is switched on at the control port. */
function wake({ world, ...call }: Call): string {
  const node = call.text('node')
  if (node === world.home || node === 'localhost') throw failure(`'${node}' is local node, cannot wake my self!`)
  if (!world.nodes.has(node)) throw failure(`no such cluster node '${node}'`)
  const { mac } = Object.fromEntries(fieldsOf(readNodeConfig(world.root, node).get('wakeonlan') ?? '', 'mac'))
  if (mac === undefined) throw failure(`No wake on LAN MAC address defined for '${node}'!`)
  return mac
}
