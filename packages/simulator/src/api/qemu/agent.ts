// The guest agent's calls. A silent agent costs its caller 3 s, a stopped machine costs nothing.
import { ApiError, failure, notSimulated } from '../../errors.ts'
import { agentState, guestHostName, networkInterfaces } from '../../guests/agent/agent.ts'
import { readGuestFile, runProgram, takeEnded, writeGuestFile } from '../../guests/agent/agent-programs.ts'
import { actLater } from '../../guests/power.ts'
import type { Machine } from '../../state/machines.ts'
import type { Call, Endpoint } from '../call.ts'

type Answer = (call: Call, machine: Machine) => unknown

const agentEndpoint = (name: string, method: 'GET' | 'POST', answer: Answer): Endpoint => ({
  path: `/nodes/{node}/qemu/{vmid}/agent/${name}`,
  method,
  handle: async (call) => answer(call, await reach(call)),
})

const agentEndpoints: readonly Endpoint[] = [
  agentEndpoint('ping', 'POST', () => ({ result: {} })),
  agentEndpoint('network-get-interfaces', 'GET', ({ world }, machine) => ({
    result: networkInterfaces(world, machine),
  })),
  agentEndpoint('get-host-name', 'GET', ({ world }, machine) => ({
    result: { 'host-name': guestHostName(world, machine) },
  })),
  agentEndpoint('get-osinfo', 'GET', () => ({ result: system })),
  agentEndpoint('info', 'GET', () => ({ result: { version: '7.2.22', supported_commands: [] } })),
  agentEndpoint('exec', 'POST', exec),
  agentEndpoint('exec-status', 'GET', execStatus),
  agentEndpoint('file-read', 'GET', fileRead),
  agentEndpoint('file-write', 'POST', fileWrite),
  agentEndpoint('shutdown', 'POST', shutDownInside),
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

/** The older way: the command as a parameter. */
const byCommand: Endpoint = {
  path: '/nodes/{node}/qemu/{vmid}/agent',
  method: 'POST',
  handle: (call) => {
    const command = call.text('command')
    const found = agentEndpoints.find(({ path }) => path.endsWith(`/${command}`))
    if (found === undefined) throw notSimulated(`The agent's command ${command}`)
    return found.handle(call)
  },
}

export const qemuAgentEndpoints: readonly Endpoint[] = [...agentEndpoints, byCommand]

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
  const wanted = { command: call.list('command'), input: call.optional('input-data') }
  const pid = runProgram(call.world, machine, wanted)
  if (pid !== undefined) return { pid }
  await call.world.clock.sleep(call.world.latency.brokenPipeMs)
  throw new ApiError(596, 'Broken pipe', { bodyless: true })
}

function execStatus(call: Call, machine: Machine): Record<string, unknown> {
  const pid = call.integer('pid')
  const ended = takeEnded(machine, pid)
  if (ended === 'running') return { exited: 0 }
  if (ended === undefined) throw failure(`Agent error: ${unknownProcess(call)}`)
  return {
    exited: 1,
    exitcode: ended.code,
    ...(ended.out !== '' && { 'out-data': asBytes(ended.out), 'out-truncated': 0 }),
    ...(ended.err !== '' && { 'err-data': asBytes(ended.err), 'err-truncated': 0 }),
  }
}

/** The agent that comes with Debian 13 prints no number (`%" PRId64 "` is in its text, but not in its format). */
function unknownProcess({ world }: Call): string {
  return world.version === '8.4' ? "Invalid parameter 'pid'" : 'PID ld does not exist'
}

/** Proxmox takes the agent's bytes for characters: each byte of the UTF-8 arrives as one. */
const asBytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')

function fileRead(call: Call, machine: Machine): Record<string, unknown> {
  const path = call.text('file')
  const content = readGuestFile(call.world, machine, path)
  if (content === undefined) {
    throw failure(`Agent error: failed to open file '${path}' (mode: 'r'): No such file or directory`)
  }
  const isDecoded = call.flag('decode', true)
  const bytes = Buffer.byteLength(content)
  return { content: isDecoded ? asBytes(content) : Buffer.from(content).toString('base64'), 'bytes-read': bytes }
}

/** The content is base64 already where the call says `encode=0`. */
function fileWrite(call: Call, machine: Machine): null {
  const text = call.text('content')
  const content = call.flag('encode', true) ? text : Buffer.from(text, 'base64').toString('utf8')
  writeGuestFile(call.world, machine, { path: call.text('file'), content })
  return null
}

/** The guest goes down by itself: what is pending stays so. */
function shutDownInside({ world }: Call, machine: Machine): { result: null } {
  actLater(world, machine, 'poweroff')
  return { result: null }
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
