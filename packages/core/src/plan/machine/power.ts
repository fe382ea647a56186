// Decides whether a machine runs, or is about to. The HA manager acts some seconds after a change of its settings.
import type { GuestFacts } from '../../facts/facts.ts'
import type { Machine } from '../../manifest/manifest.ts'

/** Returns true if only a start makes it run. */
export function needsStart(machine: Machine, guest: GuestFacts): boolean {
  return machine.start && !keepsRunning(guest) && !isStartedByHa(machine, guest)
}

/**
 * Returns true if the HA manager starts it at its next turn, some seconds later. A start would only set the state that the
 * manager already has. If the manifest takes the machine out of HA, or if the manager has given up on it, it stays stopped.
 */
export function isStartedByHa({ start, declared, ha }: Machine, { status, ha: known }: GuestFacts): boolean {
  if (!start || status !== 'stopped' || known === undefined || known.current === 'error') return false
  const isTakenOut = declared.has('ha') && ha === undefined
  return !isTakenOut && /^(started|enabled|request_start)$/.test(known.state)
}

/** Returns true if it is running and not about to be stopped. During a shutdown it still runs. */
export function keepsRunning({ status, ha }: Pick<GuestFacts, 'status' | 'ha'>): boolean {
  return status === 'running' && !(ha !== undefined && /^(stopped|request_stop|disabled)$/.test(ha.state))
}

/** Returns the power as users see it. */
export function shownPower({ status, isPaused = false }: Pick<GuestFacts, 'status' | 'isPaused'>): Power {
  return isPaused ? 'paused' : status
}

/** The power of a VM. `paused`: it runs, but Proxmox or an error has stopped its processors. */
export type Power = GuestFacts['status'] | 'paused'
