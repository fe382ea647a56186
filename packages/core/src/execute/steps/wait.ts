// Waits until a VM answers, through its guest agent or a port. A timeout is a warning, or a failure if the manifest
// says `required: true`.
import { ProvisionError } from '../../errors.ts'
import type { Machine, Wait } from '../../manifest/manifest.ts'
import { staticAddresses } from '../../manifest/static-addresses.ts'
import { canConnect } from '../../ports/network/tcp.ts'
import { isProblem } from '../../ports/pve/call/pve-problem.ts'
import { agentAddresses } from '../guest/agent-addresses.ts'
import type { GuestPlace } from '../guest/guest-config.ts'
import { guestOf, machineOf, type StepContext, type StepRunner } from '../step-context.ts'

export const wait: StepRunner<'wait'> = async ({ machine: name, createFrom, ran }, context) => {
  const guest = guestOf(context, createFrom)
  const machine = machineOf(context, name)
  if (machine.wait.for === 'none') return { guest, kept: true }
  const deadlineMs = context.world.clock.now() + machine.wait.seconds * 1000
  const { addresses, missing, hopeless } = await untilDeadline(
    machine,
    { guest, wait: machine.wait, deadlineMs },
    context,
  )
  const deadline = hopeless ? '' : ` within ${machine.wait.seconds} s`
  if (missing !== undefined && machine.wait.required === true)
    throw new ProvisionError('CONFLICT', `${name} runs, but is not as \`wait\` requires: ${missing}${deadline}.`, {
      details: { machine: name, ...guest },
      hint: 'Look at its console. Without `required: true` in the manifest, this is only a warning.',
    })
  if (missing !== undefined) context.warn(`${name}: ${missing}${deadline}.`)
  return { guest, ...(ran && { kept: true }), ...(addresses.length > 0 && { addresses }) }
}

export interface Waiting {
  readonly guest: GuestPlace
  readonly wait: Exclude<Wait, { readonly for: 'none' }>
  readonly deadlineMs: number
}

export interface Seen {
  readonly addresses: readonly string[]
  /** A clause that says what is missing. Absent if everything is there. */
  readonly missing?: string
  /** True if waiting longer is useless. */
  readonly hopeless?: boolean
}

const FIRST_PAUSE_MS = 1_000
// An agent that does not answer blocks one of the node's three daemons for 3 s with each question.
const LAST_PAUSE_MS = 10_000

/** Checks until everything is there or the timeout ends. Then a clause says what is missing. */
export async function untilDeadline(machine: Machine, waiting: Waiting, context: StepContext): Promise<Seen> {
  const { clock } = context.world
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 1.5, LAST_PAUSE_MS)) {
    const seen = await lookOnce(machine, waiting, context)
    const leftMs = waiting.deadlineMs - clock.now()
    if (seen.missing === undefined || seen.hopeless || leftMs <= 0) return seen
    await clock.sleep(Math.min(pauseMs, leftMs), context.signal)
  }
}

async function lookOnce(machine: Machine, { guest, wait }: Waiting, context: StepContext): Promise<Seen> {
  if (wait.for === 'agent') return askAgent(machine, guest, context)
  const fixed = staticAddresses(machine)
  const known = fixed.length > 0 ? { addresses: fixed } : await askAgent(machine, guest, context)
  if (known.addresses.length === 0)
    return { ...known, missing: `port ${wait.port} could not be checked: its address is not known` }
  const open = await Promise.all(
    known.addresses.map((host) => canConnect(host, wait.port, { timeoutMs: 3_000, signal: context.signal })),
  )
  context.signal.throwIfAborted()
  return open.includes(true)
    ? { addresses: known.addresses }
    : { addresses: known.addresses, missing: `nothing answered on port ${wait.port}` }
}

async function askAgent(machine: Machine, guest: GuestPlace, context: StepContext): Promise<Seen> {
  if (!machine.agent)
    return {
      addresses: [],
      missing: 'the guest agent is turned off in the manifest, so no address was reported',
      hopeless: true,
    }
  try {
    const addresses = await agentAddresses(guest, context)
    return addresses.length > 0
      ? { addresses }
      : { addresses, missing: 'the guest agent answered, but the machine got no address' }
  } catch (thrown) {
    return { addresses: [], ...explain(thrown) }
  }
}

function explain(thrown: unknown): Omit<Seen, 'addresses'> {
  if (isProblem(thrown, 'agent-unavailable'))
    return { missing: 'the guest agent did not answer (is qemu-guest-agent in the image?)' }
  if (isProblem(thrown, 'vm-stopped')) return { missing: 'it is not running' }
  if (thrown instanceof ProvisionError && thrown.code === 'PERMISSION')
    return { missing: thrown.message, hopeless: true }
  if (thrown instanceof ProvisionError && thrown.code !== 'CANCELLED')
    return { missing: `its agent could not be queried (${thrown.message})` }
  throw thrown
}
