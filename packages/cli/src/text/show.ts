// What showing a run's events means, wherever they are shown.
import type { ProvisionEvent } from '@pve-provision/core'
import { stderrTerminal } from './terminal.ts'

const { paint } = stderrTerminal

export interface ShowOptions {
  /** Nothing is going to happen: only warnings are worth a line. */
  readonly quiet: boolean
  readonly verbose: boolean
  /** A live line a running step, where standard error is a terminal. */
  readonly live: boolean
}

export interface Show {
  readonly onEvent: (event: ProvisionEvent) => void
  /** May be called twice. */
  readonly end: () => void
}

/** A note as a line, where it is worth one. */
export function noteLine(event: ProvisionEvent, verbose: boolean): string | undefined {
  if (event.type !== 'note' || !(verbose || event.level === 'warning')) return undefined
  return `${event.level === 'warning' ? paint.yellow('warning') : paint.dim(event.level)} ${event.message}`
}
