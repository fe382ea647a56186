// The guest agent's calls. A silent agent costs its caller 3 s, a stopped machine costs nothing.
import { ApiError, failure } from '../../errors.ts'
import { agentState, networkInterfaces } from '../../guests/agent/agent.ts'
import { readGuestFile, runProgram, takeEnded, writeGuestFile } from '../../guests/agent/agent-programs.ts'
import type { Machine } from '../../state/machines.ts'
import { textOf } from '../../state/vm-config.ts'
import type { Call, Endpoint } from '../call.ts'

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
  agentEndpoint('exec', 'POST', exec),
  agentEndpoint('exec-status', 'GET', execStatus),
  agentEndpoint('file-read', 'GET', fileRead),
  agentEndpoint('file-write', 'POST', (call, machine) => {
    writeGuestFile(machine, call.text('file'), call.text('content'))
    return null
  }),
  agentEndpoint('set-user-password', 'POST', () => {
    throw failure("Agent error: cannot find 'passwd' program in PATH")
  }),
  ...['fsfreeze-status', 'fsfreeze-freeze', 'fsfreeze-thaw', 'fstrim'].map((name) =>
    agentEndpoint(name, 'POST', () => ({ result: frozenAnswers[name] })),
  ),
  agentEndpoint('get-fsinfo', 'GET', () => ({ result: [] })),
  agentEndpoint('get-time', 'GET', ({ world }) => ({ result: world.clock.now() * 1_000_000 })),
  agentEndpoint('get-timezone', 'GET', () => ({ result: { offset: 0, zone: 'UTC' } })),
  agentEndpoint('get-users', 'GET', () => ({ result: [] })),
  agentEndpoint('get-vcpus', 'GET', () => ({ result: [{ 'logical-id': 0, online: true, 'can-offline': false }] })),
]

const frozenAnswers: Readonly<Record<string, unknown>> = {
  'fsfreeze-status': 'thawed',
  'fsfreeze-freeze': 1,
  'fsfreeze-thaw': 1,
  fstrim: { paths: [] },
}

/**
 * A program that is missing: GLib's message has curly quotes, which kills the daemon's answer on its way out. The proxy
 * says so after 5 s.
 */
async function exec(call: Call, machine: Machine): Promise<{ pid: number }> {
  const pid = runProgram(machine, call.list('command'))
  if (pid !== undefined) return { pid }
  await call.world.clock.sleep(call.world.latency.brokenPipeMs)
  throw new ApiError(596, 'Broken pipe', { bodyless: true })
}

function execStatus(call: Call, machine: Machine): Record<string, unknown> {
  const ended = takeEnded(machine, call.integer('pid'))
  if (ended === undefined) throw failure("Agent error: Invalid parameter 'pid'")
  return {
    exited: 1,
    exitcode: ended.code,
    ...(ended.out !== '' && { 'out-data': ended.out, 'out-truncated': 0 }),
    ...(ended.err !== '' && { 'err-data': ended.err, 'err-truncated': 0 }),
  }
}

function fileRead(call: Call, machine: Machine): Record<string, unknown> {
  const path = call.text('file')
  const content = readGuestFile(machine, path)
  if (content === undefined) {
    throw failure(`Agent error: failed to open file '${path}' (mode: 'r'): No such file or directory`)
  }
  return { content, 'bytes-read': Buffer.byteLength(content) }
}

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
