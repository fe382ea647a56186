// Runs the built CLI as a child process, as a shell would.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

export interface CliOptions {
  readonly cwd?: string
  readonly environment?: Readonly<Record<string, string>>
  /** Maximum size of any file, in KiB. Larger writes fail as on a full disk, also for root. */
  readonly fileLimitKiB?: number
  /** Called with each piece of standard error while it runs. */
  readonly onWords?: (text: string, child: { kill(signal: NodeJS.Signals): boolean }) => void
}

export interface CliResult {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  /** Data. */
  readonly stdout: string
  /** Messages. */
  readonly stderr: string
  readonly elapsedMs: number
}

/** Runs the CLI. Of the environment, the child gets only PATH, HOME and what its code was compiled to. */
export async function runCli(
  args: readonly string[],
  { cwd, environment = {}, fileLimitKiB, onWords }: CliOptions = {},
): Promise<CliResult> {
  const { PATH = '', HOME = '/tmp', NODE_COMPILE_CACHE } = process.env
  const beganMs = performance.now()
  const command = [process.execPath, PROGRAM, ...args]
  const limited =
    fileLimitKiB === undefined ? command : ['sh', '-c', `ulimit -f ${fileLimitKiB}; exec "$@"`, 'sh', ...command]
  const child = spawn(limited[0] ?? '', limited.slice(1), {
    cwd,
    env: { PATH, HOME, NODE_COMPILE_CACHE, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []]
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => {
    stderr.push(chunk)
    onWords?.(Buffer.concat(stderr).toString(), child)
  })
  const [exitCode, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
    child.once('close', (...end) => resolve(end)),
  )
  return {
    exitCode,
    signal,
    stdout: Buffer.concat(stdout).toString(),
    stderr: Buffer.concat(stderr).toString(),
    elapsedMs: performance.now() - beganMs,
  }
}
