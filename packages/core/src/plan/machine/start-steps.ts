// The steps that start a machine and wait for it.
import type { GuestFacts } from '../../facts/facts.ts'
import type { Machine } from '../../manifest/manifest.ts'
import type { MachinePlanner } from './machine-planner.ts'

export interface Started {
  /** The step whose result is the guest. */
  readonly createFrom: string
  /** As it is now; absent for one that is made. */
  readonly guest?: GuestFacts
}

/** Adds the start of a machine that is to run, and what the manifest waits for. */
export function planStart(
  machine: Machine,
  { add, node }: Pick<MachinePlanner, 'add' | 'node'>,
  { createFrom, guest }: Started,
): void {
  const running = guest !== undefined && keepsRunning(guest)
  const start = add({
    id: `start:${machine.name}`,
    kind: 'start',
    machine: machine.name,
    createFrom,
    needs: [createFrom],
    action: running ? 'keep' : 'run',
    why: running
      ? 'it runs'
      : guest?.status === 'running'
        ? 'the HA manager was told to stop it'
        : 'the manifest says `start: true`',
    lanes: [`node:${node}`],
  })
  if (machine.wait.for === 'none') return
  add({
    id: `wait:${machine.name}`,
    kind: 'wait',
    machine: machine.name,
    createFrom,
    needs: [createFrom, start],
    action: running ? 'keep' : 'run',
    why: running ? 'it ran before' : `the manifest waits for its ${machine.wait.for}`,
    lanes: [],
  })
}

/** Whether it runs and is not about to be stopped: while it shuts down, it still runs. */
export function keepsRunning({ status, ha }: Pick<GuestFacts, 'status' | 'ha'>): boolean {
  return status === 'running' && !(ha !== undefined && /^(stopped|request_stop|disabled)$/.test(ha.state))
}
