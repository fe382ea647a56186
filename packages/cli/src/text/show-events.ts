// Events while a run runs: live lines on a terminal, plain lines elsewhere.
import { sayWords } from './output.ts'
import { wordsPaper } from './paper.ts'
import { settledLine } from './settled-line.ts'
import { noteLine, type Show, type ShowOptions } from './show.ts'

const { paint } = wordsPaper

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
