// Runs the CLI in a terminal, with util-linux's `script`: what the user sees at the end, and Ctrl-C as a key.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'

const PROGRAM = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
export const CTRL_C = '\u0003'
const ESCAPE = '\u001B'

export interface TerminalOptions {
  readonly cwd: string
  readonly environment: Readonly<Record<string, string>>
  readonly columns: number
  /** Called with everything that was written so far. Its result is typed. */
  readonly type: (written: string) => string | undefined
}

export interface TerminalResult {
  readonly exitCode: number | null
  /** All bytes, with their control sequences. */
  readonly written: string
  /** The lines on the screen and above it after the program has ended. */
  readonly lines: readonly string[]
}

export async function runInTerminal(args: readonly string[], options: TerminalOptions): Promise<TerminalResult> {
  return runShellInTerminal(`exec '${process.execPath}' '${PROGRAM}' ${args.join(' ')}`, options)
}

/** Like `runInTerminal`, for lines of a shell. */
export async function runShellInTerminal(
  script: string,
  { cwd, environment, columns, type }: TerminalOptions,
): Promise<TerminalResult> {
  const { PATH = '', HOME = '/tmp', NODE_COMPILE_CACHE } = process.env
  const command = `stty cols ${columns} rows 40\n${script}`
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    cwd,
    env: { PATH, HOME, NODE_COMPILE_CACHE, TERM: 'xterm', SHELL: '/bin/sh', ...environment },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let written = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    written += text
    const keys = type(written)
    if (keys !== undefined) child.stdin.write(keys)
  })
  const exitCode = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { exitCode, written, lines: linesOf(written) }
}

/** Applies the few sequences that move the cursor or erase. Colors and others are dropped. */
function linesOf(written: string): readonly string[] {
  const lines = ['']
  let [row, column] = [0, 0]
  const put = (text: string) => {
    lines[row] =
      (lines[row] ?? '').padEnd(column).slice(0, column) + text + (lines[row] ?? '').slice(column + text.length)
    column += text.length
  }
  const sequence = new RegExp(`${ESCAPE}\\[([\\d;?]*)([A-Za-z])|[\\r\\n]|[^${ESCAPE}\\r\\n]+|${ESCAPE}.`, 'g')
  for (const [part, count, command] of written.matchAll(sequence)) {
    if (part === '\n') row += 1
    else if (part === '\r') column = 0
    else if (command === 'A') row = Math.max(0, row - Number(count || 1))
    else if (command === 'B') row += Number(count || 1)
    else if (command === 'G') column = Number(count || 1) - 1
    else if (command === 'K') lines[row] = count === '2' ? '' : (lines[row] ?? '').slice(0, column)
    else if (command === 'J') lines.length = row + 1
    else if (command === undefined) put(stripVTControlCharacters(part))
    while (lines.length <= row) lines.push('')
  }
  return lines.map((line) => line.trimEnd())
}
