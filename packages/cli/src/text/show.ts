// Types and helpers for showing the events of a run.
import type { ProvisionEvent } from '@pve-provision/core'
import { stderrTerminal } from './terminal.ts'

const { paint } = stderrTerminal

export interface ShowOptions {
  /** Nothing will be changed, so show only warnings. */
  readonly quiet: boolean
  readonly verbose: boolean
}

export interface Show {
  readonly onEvent: (event: ProvisionEvent) => void
  /** May be called twice. */
  readonly end: () => void
}

/** Formats a note as a line, or returns undefined if it need not be shown. */
export function noteLine(event: ProvisionEvent, verbose: boolean): string | undefined {
  if (event.type !== 'note' || !(verbose || event.level === 'warning')) return undefined
  return `${event.level === 'warning' ? paint.yellow('warning') : paint.dim(event.level)} ${event.message}`
}
