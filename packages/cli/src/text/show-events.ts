// Events while a run runs: live lines on a terminal, plain lines elsewhere.
import type { ProvisionEvent } from '@pve-provision/core'
import { sayWords } from './output.ts'
import { paint } from './paint.ts'
import { settledLine } from './settled-line.ts'

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

export async function showEvents(options: ShowOptions): Promise<Show> {
  const canRedraw = process.stderr.isTTY && process.env.TERM !== 'dumb'
  if (!options.live || options.quiet || !canRedraw) return showPlainly(options)
  const { showLive } = await import('./show-live.ts')
  return showLive(options)
}

function showPlainly({ quiet, verbose }: ShowOptions): Show {
  const say = (line: string) => sayWords(`${line}\n`)
  return {
    end: () => {},
    onEvent(event) {
      const note = noteLine(event, verbose)
      if (note !== undefined) say(note)
      if (quiet) return
      if (event.type === 'started') say(`${paint.dim('…')} ${event.step.id}`)
      if (event.type === 'settled' && event.outcome.status !== 'kept') say(settledLine(event.outcome))
    },
  }
}

/** A note as a line, where it is worth one. */
export function noteLine(event: ProvisionEvent, verbose: boolean): string | undefined {
  if (event.type !== 'note' || !(verbose || event.level === 'warning')) return undefined
  return `${event.level === 'warning' ? paint.yellow('warning') : paint.dim(event.level)} ${event.message}`
}
