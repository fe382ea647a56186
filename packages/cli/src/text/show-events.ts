// Shows the events of a run: live lines on a terminal, plain lines elsewhere.
import type { ProvisionEvent } from '@pve-provision/core'
import { createRolloutWatch } from '@pve-provision/core/text'
import { sayWords } from './output.ts'
import { settledLine } from './settled-line.ts'
import { noteLine, type Show, type ShowOptions } from './show.ts'
import { stderrTerminal } from './terminal.ts'

const { paint } = stderrTerminal

export async function showEvents(options: ShowOptions): Promise<Show> {
  const canRedraw = process.stderr.isTTY && process.env.TERM !== 'dumb'
  if (options.quiet || !canRedraw) return showPlainly(options)
  const { showLive } = await import('./show-live.ts')
  return showLive(options)
}

function showPlainly({ quiet, verbose }: ShowOptions): Show {
  const started = new Set<string>()
  const rollouts = createRolloutWatch()
  return {
    end() {
      if (started.size > 0) sayWords('\n')
      started.clear()
    },
    onEvent(event) {
      const batch = rollouts.follow(event, performance.now())
      if (batch !== undefined && !quiet) sayWords(`${batch}\n`)
      const line = noteLine(event, verbose) ?? (quiet ? undefined : stepLine(event, { started, verbose }))
      if (line !== undefined) sayWords(`${line}\n`)
    },
  }
}

interface Told {
  readonly started: Set<string>
  readonly verbose: boolean
}

function stepLine(event: ProvisionEvent, { started, verbose }: Told): string | undefined {
  if (event.type === 'settled') return settledLine(event.outcome, started.has(event.outcome.step.id))
  if (event.type === 'stage' && verbose) return `${paint.dim('…')} ${event.step.id}: ${event.stage}`
  if (event.type !== 'started') return undefined
  started.add(event.step.id)
  return `${paint.dim('…')} ${event.step.id}`
}
