// The output streams with width and colors: standard output for results, standard error for messages.
import { styleText } from 'node:util'

export interface Terminal {
  /** Width of the terminal. Without a terminal, lines are not wrapped. */
  readonly columns: number
  readonly paint: Readonly<Record<'dim' | 'red' | 'green' | 'yellow', (text: string) => string>>
}

/** For the result of a command. */
export const stdoutTerminal = terminalOf(process.stdout)
/** For messages. */
export const stderrTerminal = terminalOf(process.stderr)

function terminalOf(stream: NodeJS.WriteStream): Terminal {
  // `styleText` checks NO_COLOR, FORCE_COLOR and whether the stream is a terminal.
  const inStyle = (style: 'dim' | 'red' | 'green' | 'yellow') => (text: string) =>
    process.argv.includes('--no-color') ? text : styleText(style, text, { stream })
  return {
    get columns() {
      return stream.columns || Number.POSITIVE_INFINITY
    },
    paint: { dim: inStyle('dim'), red: inStyle('red'), green: inStyle('green'), yellow: inStyle('yellow') },
  }
}
