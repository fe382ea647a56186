// Creates the steps that start a machine and wait for it.
import { isRequired } from '../../facts/cluster/observe-answers.ts'
import type { GuestFacts } from '../../facts/facts.ts'
import type { Machine } from '../../manifest/manifest.ts'
import type { StepOf } from '../step.ts'
import type { MachinePlanner } from './machine-planner.ts'
import { needsStart } from './power.ts'

export interface Started {
  /** The step whose result is the guest. */
  readonly createFrom: string
  /** The current guest. Absent for a machine that will be created. */
  readonly guest?: GuestFacts
  /** True for the successor of a VM that was running. */
  readonly isReplaced?: boolean
}

/** Adds the start of a machine, and the wait that the manifest requests. */
export function planStart(
  machine: Machine,
  { add, node, facts }: Pick<MachinePlanner, 'add' | 'node' | 'facts'>,
  { createFrom, guest, isReplaced = false }: Started,
): void {
  const running = guest !== undefined && !needsStart(machine, guest)
  const start = add({
    id: `start:${machine.name}`,
    kind: 'start',
    machine: machine.name,
    createFrom,
    needs: [createFrom],
    action: running ? 'keep' : 'run',
    why: running
      ? guest.status === 'running'
        ? 'it runs'
        : 'the HA manager is set to start it'
      : guest?.status === 'running'
        ? 'the HA manager is set to stop it'
        : machine.start || !isReplaced
          ? 'the manifest has `start: true`'
          : 'the old VM was running',
    lanes: [`node:${node}`],
  })
  if (machine.wait.for === 'none') return
  add({
    id: `wait:${machine.name}`,
    kind: 'wait',
    machine: machine.name,
    createFrom,
    needs: [createFrom, start],
    ...(running ? waitAgain(machine, facts.answers?.get(guest.vmid)) : waitFirst(machine)),
    lanes: [],
  })
}

type Waiting = Pick<StepOf<'wait'>, 'action' | 'why' | 'known' | 'ran'>

function waitFirst({ wait }: Machine): Waiting {
  return { action: 'run', why: `the manifest waits for its ${wait.for}` }
}

/**
 * An earlier run started the machine. It is unknown if that run waited to the end, so a required answer is checked
 * again.
 */
function waitAgain({ wait }: Machine, addresses: readonly string[] | undefined): Waiting {
  if (!isRequired(wait)) return { action: 'keep', why: 'it was running before' }
  const what = wait.for === 'port' ? `port ${wait.port}` : 'its agent'
  if (addresses === undefined)
    return { action: 'run', why: `the manifest requires an answer from ${what}, but there was none`, ran: true }
  return { action: 'keep', why: `${what} answers`, known: { addresses } }
}
