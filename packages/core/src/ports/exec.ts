// Runs programs without a shell: to completion, or as a filter between two streams.
import type { Readable } from 'node:stream'
import type { Options } from 'execa'
import { ProvisionError } from '../errors.ts'
import { cleanText } from '../foreign-text.ts'
import type { Exec } from './world.ts'

/** How to install each program, by its name. */
const PACKAGES: Readonly<Record<string, string>> = {
  'qemu-img': 'Debian, Ubuntu: apt install qemu-utils; Fedora: dnf install qemu-img; macOS: brew install qemu.',
  xz: 'Debian, Ubuntu: apt install xz-utils; Fedora: dnf install xz; macOS: brew install xz.',
  bzip2: 'Debian, Ubuntu: apt install bzip2; Fedora: dnf install bzip2.',
}

/** A program gets SIGTERM first, and SIGKILL after this time. */
const KILL_AFTER_MS = 5_000
/** Far more output than any of the programs prints. */
const LARGEST_OUTPUT = 16 * 1024 * 1024

const COMMON = {
  reject: false,
  forceKillAfterDelay: KILL_AFTER_MS,
  // Error texts are matched in English, so the caller's locale must not change them.
  env: { LC_ALL: 'C' },
  windowsHide: true,
} as const satisfies Options

export function createExec(): Exec {
  return async (file, args, { signal, onLine, stdin } = {}) => {
    throwIfAborted(file, signal)
    const execa = await loadExeca()
    const child = execa(file, args, {
      ...COMMON,
      ...(signal && { cancelSignal: signal }),
      ...(stdin === undefined ? { stdin: 'ignore' as const } : { input: stdin }),
      maxBuffer: LARGEST_OUTPUT,
    })
    if (onLine !== undefined) {
      for (const stream of [child.stdout, child.stderr]) {
        const split = createLineSplitter(onLine)
        stream?.on('data', (chunk: Uint8Array) => split.push(chunk)).on('end', () => split.end())
      }
    }
    const result = await child
    const failure = failureOf(file, result, result.stderr)
    if (failure !== undefined) throw failure
    return result.stdout
  }
}

export interface PipeOptions {
  readonly source: Readable
  readonly signal?: AbortSignal
  /** Checks the standard error output of a program that exited with 0. It throws if the output shows a failure. */
  readonly onSuccess?: (lastWords: string) => void
}

/**
 * Feeds `source` to a program and yields its standard output, in constant memory. Leaving the loop early ends the
 * program.
 * @throws ProvisionError `CONVERT` as `Exec` does; errors of `source` pass through unchanged
 */
export async function* pipeThrough(
  file: string,
  args: readonly string[],
  { source, signal, onSuccess }: PipeOptions,
): AsyncGenerator<Uint8Array> {
  throwIfAborted(file, signal)
  const execa = await loadExeca()
  const child = execa(file, args, {
    ...COMMON,
    ...(signal && { cancelSignal: signal }),
    input: source,
    stdout: 'pipe',
    buffer: { stdout: false, stderr: true },
    encoding: 'buffer',
    maxBuffer: LARGEST_OUTPUT,
  })
  let sourceError: unknown
  source.once('error', (error) => {
    sourceError = error
  })
  try {
    for await (const chunk of child.stdout ?? []) yield chunk as Uint8Array
    const result = await child
    const stderr = new TextDecoder().decode(result.stderr)
    if (sourceError !== undefined) throw sourceError
    const failure = failureOf(file, result, stderr)
    if (failure !== undefined) throw failure
    onSuccess?.(stderr)
  } finally {
    source.destroy()
    child.kill()
    await child
  }
}

async function loadExeca() {
  // Loaded on first use: loading execa takes a third of the start time of the program.
  const { execa } = await import('execa')
  if (!process.listeners('SIGXFSZ').includes(stayAlive)) process.on('SIGXFSZ', stayAlive)
  return execa
}

/**
 * An empty SIGXFSZ listener. Node ignores this signal, so a write beyond a file size limit fails with EFBIG, which is
 * reported. While a program runs, execa listens for the signal too, and without another listener execa would end this
 * process.
 */
function stayAlive(): void {}

interface Ended {
  readonly failed: boolean
  readonly isCanceled: boolean
  readonly code?: string | undefined
  readonly exitCode?: number | undefined
  readonly signal?: string | undefined
}

function failureOf(file: string, ended: Ended, stderr: string): ProvisionError | undefined {
  const { failed, isCanceled, code, exitCode, signal } = ended
  if (!failed) return undefined
  if (isCanceled) return new ProvisionError('CANCELLED', `${file} was stopped.`)
  if (code === 'ENOENT' || code === 'EACCES') {
    return new ProvisionError('CONVERT', `The program ${file} is missing.`, {
      details: { program: file, isMissing: true },
      hint: `Install it. ${PACKAGES[file] ?? ''}`.trimEnd(),
    })
  }
  const lastWords = stderr
    .trim()
    .split(/[\r\n]+/)
    .slice(-16)
    .map((line) => cleanText(line, { most: 2_000 }))
  const how = signal === undefined ? `ended with ${exitCode ?? code}` : `was ended by ${signal}`
  const said = lastWords.at(-1) ? `: ${lastWords.at(-1)}` : ''
  return new ProvisionError('CONVERT', `${file} ${how}${said}`, {
    details: { program: file, lastWords, ...(exitCode !== undefined && { exitCode }) },
  })
}

const installed = new Map<string, Promise<boolean>>()

/** Returns true if the program can be started. Each program is checked once per process. */
export function isInstalled(file: string, exec: Exec = createExec()): Promise<boolean> {
  const known = installed.get(file)
  if (known !== undefined) return known
  const asked = exec(file, ['--version']).then(
    () => true,
    (error: unknown) => !isMissingProgram(error),
  )
  installed.set(file, asked)
  return asked
}

/** Returns true if the error means that the program is not installed. */
export function isMissingProgram(error: unknown): boolean {
  return error instanceof ProvisionError && error.details.isMissing === true
}

function throwIfAborted(file: string, signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new ProvisionError('CANCELLED', `${file} was not started.`, { cause: signal.reason })
}

/** Splits chunks into lines. A carriage return also ends a line, because programs print progress that way. */
function createLineSplitter(onLine: (line: string) => void) {
  const decoder = new TextDecoder()
  let rest = ''
  return {
    push(chunk: Uint8Array): void {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split(/[\r\n]/)
      rest = lines.pop() ?? ''
      for (const line of lines) if (line.trim() !== '') onLine(line)
    },
    end(): void {
      if (rest.trim() !== '') onLine(rest)
    },
  }
}
