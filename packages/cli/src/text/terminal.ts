// What a text is written on: standard output for answers, standard error for words; each with its width and its colours.
import { styleText } from 'node:util'

export interface Terminal {
  /** How wide the terminal is; where there is none, a line is as long as it is. */
  readonly columns: number
  readonly paint: Readonly<Record<'dim' | 'red' | 'green' | 'yellow', (text: string) => string>>
}

/** What the command was asked for. */
export const stdoutTerminal = terminalOf(process.stdout)
/** What it says beside that. */
export const stderrTerminal = terminalOf(process.stderr)

function terminalOf(stream: NodeJS.WriteStream): Terminal {
  // `styleText` itself looks at NO_COLOR, FORCE_COLOR and whether the stream is a terminal.
  const inStyle = (style: 'dim' | 'red' | 'green' | 'yellow') => (text: string) =>
    process.argv.includes('--no-color') ? text : styleText(style, text, { stream })
  return {
    get columns() {
      return stream.columns || Number.POSITIVE_INFINITY
    },
    paint: { dim: inStyle('dim'), red: inStyle('red'), green: inStyle('green'), yellow: inStyle('yellow') },
  }
}
