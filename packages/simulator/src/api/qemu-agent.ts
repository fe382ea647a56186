// The guest agent's calls. A silent agent costs its caller 3 s, a stopped machine costs nothing.
import { failure } from '../errors.ts'
import { agentState, networkInterfaces } from '../guests/agent.ts'
import type { Machine } from '../state/machines.ts'
import { textOf } from '../state/vm-config.ts'
import type { Call, Endpoint } from './call.ts'

type Answer = (call: Call, machine: Machine) => unknown

const agentEndpoint = (name: string, method: 'GET' | 'POST', answer: Answer): Endpoint => ({
  path: `/nodes/{node}/qemu/{vmid}/agent/${name}`,
  method,
  handle: async (call) => answer(call, await reach(call)),
})

export const qemuAgentEndpoints: readonly Endpoint[] = [
  agentEndpoint('ping', 'POST', () => ({ result: {} })),
  agentEndpoint('network-get-interfaces', 'GET', (_, machine) => ({ result: networkInterfaces(machine) })),
  agentEndpoint('get-host-name', 'GET', (_, machine) => ({
    result: { 'host-name': textOf(machine.config, 'name') ?? 'localhost' },
  })),
  agentEndpoint('get-osinfo', 'GET', () => ({ result: system })),
  agentEndpoint('info', 'GET', () => ({ result: { version: '7.2.22', supported_commands: [] } })),
  agentEndpoint('exec', 'POST', () => ({ pid: 148 })),
]

const system = {
  id: 'debian',
  name: 'Debian GNU/Linux',
  'pretty-name': 'Debian GNU/Linux 13 (trixie)',
  version: '13 (trixie)',
  'version-id': '13',
  machine: 'x86_64',
  'kernel-release': '6.12.0-cloud-amd64',
  'kernel-version': '#1 SMP PREEMPT_DYNAMIC Debian',
}

async function reach(call: Call): Promise<Machine> {
  const { world, node } = call
  const machine = world.machines.get(node, call.integer('vmid'))
  const state = agentState(world, machine)
  if (state === 'off') throw failure(`VM ${machine.vmid} is not running`)
  if (state === 'not configured') throw failure('No QEMU guest agent configured')
  if (state === 'silent') {
    await world.clock.sleep(world.latency.agentTimeoutMs)
    throw failure('QEMU guest agent is not running')
  }
  await world.clock.sleep(world.latency.agentMs)
  return machine
}
