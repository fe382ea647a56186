// The guest agent's calls. A silent agent takes 3 s, a stopped machine answers at once.
import { ApiError, failure, notSimulated } from '../../errors.ts'
import { agentState, guestHostName, networkInterfaces, requireAllowed, unanswered } from '../../guests/agent/agent.ts'
import { agentInfo, memoryBlockInfo, memoryBlocks, system } from '../../guests/agent/agent-facts.ts'
import { runProgram, takeEnded } from '../../guests/agent/agent-programs.ts'
import { readFile, writeFile } from '../../guests/agent/guest-files.ts'
import { bootOf } from '../../guests/inside/boots.ts'
import { base64OfBytes, bytesOfBase64, isWide } from '../../guests/inside/bytes.ts'
import { actLater } from '../../guests/power.ts'
import type { GuestDisk } from '../../state/boot.ts'
import type { Machine } from '../../state/machines.ts'
import type { Call, Endpoint } from '../call.ts'

type Answer = (call: Call, machine: Machine) => unknown

const agentEndpoint = (name: string, method: 'GET' | 'POST', answer: Answer): Endpoint => ({
  path: `/nodes/{node}/qemu/{vmid}/agent/${name}`,
  method,
  handle: async (call) => {
    const machine = await reach(call)
    requireAllowed(call.world, machine, commandsOf[name] ?? [name])
    return answer(call, machine)
  },
})

/** The agent's commands behind a call, where they have other names. */
const commandsOf: Readonly<Record<string, readonly string[]>> = {
  'file-read': ['file-open', 'file-read', 'file-close'],
  'file-write': ['file-open', 'file-write', 'file-close'],
}

const agentEndpoints: readonly Endpoint[] = [
  agentEndpoint('ping', 'POST', () => ({ result: {} })),
  agentEndpoint('network-get-interfaces', 'GET', ({ world }, machine) => ({
    result: networkInterfaces(world, machine),
  })),
  agentEndpoint('get-host-name', 'GET', ({ world }, machine) => ({
    result: { 'host-name': guestHostName(world, machine) },
  })),
  agentEndpoint('get-osinfo', 'GET', () => ({ result: system })),
  agentEndpoint('info', 'GET', () => ({ result: agentInfo })),
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
  agentEndpoint('get-memory-blocks', 'GET', (_, machine) => ({ result: memoryBlocks(machine) })),
  agentEndpoint('get-memory-block-info', 'GET', () => ({ result: memoryBlockInfo })),
  agentEndpoint('get-timezone', 'GET', () => ({ result: { offset: 0, zone: 'UTC' } })),
  agentEndpoint('get-users', 'GET', () => ({ result: [] })),
  agentEndpoint('get-vcpus', 'GET', () => ({ result: [{ 'logical-id': 0, online: true, 'can-offline': false }] })),
]

/** The older form, with the command as a parameter. */
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
 * Runs a program. For a missing one, GLib's message contains curly quotes, which crash the daemon while it answers. The
 * proxy reports that after 5 s.
 */
async function exec(call: Call, machine: Machine): Promise<{ pid: number }> {
  const command = call.list('command')
  await refuseWide(call, machine, { texts: command, name: 'exec' })
  const input = call.optional('input-data')
  if (input !== undefined) requireBytes(input, wideLines[call.world.version].input)
  const pid = runProgram(call.world, machine, { command, input })
  if (pid !== undefined) return { pid }
  await call.world.clock.sleep(call.world.latency.brokenPipeMs)
  throw new ApiError(596, 'Broken pipe', { bodyless: true })
}

/**
 * With characters beyond U+00FF, Proxmox sends only half a command. The agent waits for the rest until the next boot.
 */
async function refuseWide(
  { world }: Call,
  machine: Machine,
  { texts, name }: { texts: readonly string[]; name: string },
): Promise<void> {
  if (!texts.some(isWide)) return
  const boot = bootOf(world, machine)
  if (boot !== undefined) boot.isAgentDead = true
  await world.clock.sleep(world.latency.agentCommandMs)
  throw failure(unanswered(world, machine, name))
}

const perl = '/usr/share/perl5/PVE'
const wideLines = {
  '8.4': { input: `${perl}/QemuServer/Agent.pm line 82`, content: `${perl}/API2/Qemu/Agent.pm line 521` },
  '9.2': { input: `${perl}/QemuServer/Agent.pm line 135`, content: `${perl}/API2/Qemu/Agent.pm line 624` },
}

/** Proxmox treats characters as bytes where it can. */
function requireBytes(text: string, place: string): void {
  if (isWide(text)) throw failure(`Wide character in subroutine entry at ${place}.`)
}

function execStatus(call: Call, machine: Machine): Record<string, unknown> {
  const ended = takeEnded(machine, call.integer('pid'))
  if (ended === 'running') return { exited: 0 }
  // Newer agents answer `PID ld does not exist`.
  if (ended === undefined) throw agentError("Invalid parameter 'pid'")
  return {
    exited: 1,
    exitcode: ended.code,
    ...(ended.out !== '' && { 'out-data': ended.out, 'out-truncated': 0 }),
    ...(ended.err !== '' && { 'err-data': ended.err, 'err-truncated': 0 }),
  }
}

const agentError = (sentence: string): ApiError => failure(`Agent error: ${sentence}`)

function asAgent<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw agentError(error instanceof Error ? error.message : String(error))
  }
}

const mostBytes = 16 * 1024 * 1024

async function fileRead(call: Call, machine: Machine): Promise<Record<string, unknown>> {
  const path = call.text('file')
  await refuseWide(call, machine, { texts: [path], name: 'file-open' })
  const whole = asAgent(() => readFile(diskOf(call, machine), path))
  const count = Number(call.optional('count') ?? mostBytes)
  const offset = Number(call.optional('offset') ?? 0)
  const bytes = whole.slice(offset, offset + count)
  const content = call.flag('decode', true) ? bytes : base64OfBytes(bytes)
  // The agent detects the end of a file only when it reads beyond it.
  return { content, 'bytes-read': bytes.length, ...(bytes.length === count && { truncated: 1 }) }
}

/** With `encode=0`, the content is already base64. */
async function fileWrite(call: Call, machine: Machine): Promise<null> {
  const [path, content] = [call.text('file'), call.text('content')]
  const isText = call.flag('encode', true)
  if (isText) requireBytes(content, wideLines[call.world.version].content)
  await refuseWide(call, machine, { texts: [path], name: 'file-open' })
  const isBase64 = /^[A-Za-z0-9+/=\n]*$/.test(content)
  asAgent(() => {
    writeFile(diskOf(call, machine), { path, bytes: isText ? content : bytesOfBase64(content) })
    if (!isText && !isBase64) throw new Error('Base64 data contains invalid characters')
  })
  return null
}

function diskOf({ world }: Call, machine: Machine): GuestDisk {
  return bootOf(world, machine)?.disk ?? { packages: [], files: {} }
}

/** The guest shuts down by itself, so pending changes stay pending. */
function shutDownInside({ world }: Call, machine: Machine): { result: null } {
  actLater(world, machine, 'poweroff')
  return { result: null }
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
