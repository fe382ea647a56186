// Simulates GitHub's runner for an action: inputs from action.yml, the environment, command files, and the log.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { temporaryFolder } from './temporary.ts'

export const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))

export interface ActionDefinition {
  readonly name: string
  readonly description: string
  readonly inputs: Readonly<
    Record<string, { readonly description: string; readonly default?: string; readonly required?: boolean }>
  >
  readonly outputs: Readonly<Record<string, { readonly description: string }>>
  readonly runs: { readonly using: string; readonly main: string; readonly post?: string }
}

export function readAction(): ActionDefinition {
  return parse(readFileSync(join(ROOT, 'action.yml'), 'utf8')) as ActionDefinition
}

/** The folders of one job. The next job finds only what it is given. */
export interface Job {
  readonly directory: string
  readonly workspace: string
  readonly temp: string
  readonly toolCache: string
  readonly home: string
}

export function newJob({ toolCache }: { readonly toolCache?: string } = {}): Job {
  const directory = temporaryFolder('job')
  // As deep as on a hosted runner, and with another name each time.
  const job = {
    directory,
    workspace: join(directory, 'work', 'repo', 'repo'),
    temp: join(directory, 'work', '_temp'),
    toolCache: toolCache ?? join(directory, 'toolcache'),
    home: join(directory, 'home'),
  }
  for (const folder of [job.workspace, job.temp, job.toolCache, job.home]) mkdirSync(folder, { recursive: true })
  return job
}

export interface ActionCall {
  readonly job: Job
  /** As in `with:`. Inputs that action.yml does not contain are refused. */
  readonly inputs?: Readonly<Record<string, string>>
  /** As in `env:`. */
  readonly env?: Readonly<Record<string, string>>
  /** Address of the cache service. Absent: this runner has none. */
  readonly cacheUrl?: string
  /** The payload of the event. */
  readonly event?: unknown
  /** The state of the step. If set, this is its post step. */
  readonly state?: Readonly<Record<string, string>>
}

export interface Command {
  readonly name: string
  readonly properties: Readonly<Record<string, string>>
  readonly text: string
}

export interface ActionRun {
  readonly exitCode: number | null
  /** What users see, without commands that the runner processes. */
  readonly log: string
  readonly commands: readonly Command[]
  readonly outputs: Readonly<Record<string, string>>
  /** For the post step. */
  readonly state: Readonly<Record<string, string>>
  readonly summary: string
  readonly stderr: string
  readonly elapsedMs: number
  /** Everything that the action wrote: the log and the command files. */
  readonly everything: string
}

export interface StartedAction {
  readonly process: ChildProcess
  /** Resolves when the log contains this text. */
  said(text: string): Promise<void>
  readonly ended: Promise<ActionRun>
}

const COMMAND_FILES = ['GITHUB_OUTPUT', 'GITHUB_ENV', 'GITHUB_PATH', 'GITHUB_STATE', 'GITHUB_STEP_SUMMARY'] as const

export function runAction(call: ActionCall): Promise<ActionRun> {
  return startAction(call).ended
}

export function startAction({ job, inputs = {}, env = {}, cacheUrl, event = {}, state }: ActionCall): StartedAction {
  const action = readAction()
  const files = commandFiles(job)
  const eventFile = join(job.temp, '_github_workflow_event.json')
  writeFileSync(eventFile, JSON.stringify(event))
  const beganAtMs = performance.now()
  const child = spawn(process.execPath, [join(ROOT, (state && action.runs.post) ?? action.runs.main)], {
    cwd: job.workspace,
    env: {
      PATH: process.env.PATH,
      HOME: job.home,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_WORKSPACE: job.workspace,
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_REPOSITORY: 'org/machines',
      GITHUB_REF: 'refs/heads/main',
      GITHUB_SHA: '0'.repeat(40),
      GITHUB_RUN_ID: '1',
      GITHUB_EVENT_NAME: 'push',
      GITHUB_EVENT_PATH: eventFile,
      RUNNER_TEMP: job.temp,
      RUNNER_TOOL_CACHE: job.toolCache,
      RUNNER_OS: 'Linux',
      RUNNER_ARCH: 'X64',
      RUNNER_ENVIRONMENT: 'github-hosted',
      ...Object.fromEntries(Object.entries(state ?? {}).map(([name, value]) => [`STATE_${name}`, value])),
      ...(cacheUrl !== undefined && {
        ACTIONS_CACHE_SERVICE_V2: 'True',
        ACTIONS_RESULTS_URL: cacheUrl,
        ACTIONS_RUNTIME_TOKEN: 'runtime-token',
      }),
      ...files,
      ...inputVariables(action, inputs),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return { process: child, said: (text) => said(child, text), ended: collect(child, files, beganAtMs) }
}

function said(child: ChildProcess, text: string): Promise<void> {
  let log = ''
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', (chunk) => {
      log += String(chunk)
      if (log.includes(text)) resolve()
    })
    child.once('close', () => reject(new Error(`The action ended without a word of ${text}:\n${log}`)))
  })
}

function inputVariables(
  { inputs: known }: ActionDefinition,
  given: Readonly<Record<string, string>>,
): Record<string, string> {
  for (const name of Object.keys(given)) if (!(name in known)) throw new Error(`action.yml has no input ${name}`)
  const values = Object.entries(known).map(
    ([name, { default: otherwise = '' }]) => [name, given[name] ?? String(otherwise)] as const,
  )
  // The runner keeps dashes.
  return Object.fromEntries(values.map(([name, value]) => [`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`, value]))
}

function commandFiles(job: Job): Record<(typeof COMMAND_FILES)[number], string> {
  const folder = mkdtempSync(join(job.temp, '_runner_file_commands_'))
  const entries = COMMAND_FILES.map((name) => [name, join(folder, name.toLowerCase())] as const)
  // The toolkit refuses files that do not exist.
  for (const [, path] of entries) writeFileSync(path, '')
  return Object.fromEntries(entries) as Record<(typeof COMMAND_FILES)[number], string>
}

async function collect(
  child: ChildProcess,
  files: ReturnType<typeof commandFiles>,
  beganAtMs: number,
): Promise<ActionRun> {
  const [stdout, stderr] = [textOf(child.stdout), textOf(child.stderr)]
  const [exitCode] = (await once(child, 'close')) as [number | null]
  const elapsedMs = performance.now() - beganAtMs
  // The runner reads with .NET's ReadLine, which also ends a line at a single carriage return.
  const lines = (await stdout).split(/\r\n|\r|\n/)
  const commands = lines.map(parseCommand).filter((command) => command !== undefined)
  const log = lines.filter((line) => parseCommand(line)?.name !== 'add-mask').join('\n')
  const written = Object.fromEntries(Object.entries(files).map(([name, path]) => [name, readFileSync(path, 'utf8')]))
  return {
    exitCode,
    log,
    commands,
    outputs: parseOutputs(written.GITHUB_OUTPUT ?? ''),
    state: parseOutputs(written.GITHUB_STATE ?? ''),
    summary: written.GITHUB_STEP_SUMMARY ?? '',
    stderr: await stderr,
    elapsedMs,
    everything: [log, await stderr, ...Object.values(written)].join('\n'),
  }
}

async function textOf(stream: NodeJS.ReadableStream | null): Promise<string> {
  let text = ''
  stream?.setEncoding('utf8')
  for await (const chunk of stream ?? []) text += chunk
  return text
}

/** Parses a line like the runner. Characters that .NET trims before the colons are ignored. */
export function parseCommand(line: string): Command | undefined {
  const [, name, properties = '', text = ''] =
    /^[\s\u0085]*::([\w-]+)(?: ([^:]*(?:%3A[^:]*)*))?::(.*)$/.exec(line) ?? []
  if (name === undefined) return undefined
  const pairs = properties.split(',').map((pair) => pair.split('='))
  return {
    name,
    properties: Object.fromEntries(pairs.map(([key = '', value = '']) => [key.trim(), decode(value)])),
    text: decode(text),
  }
}

function decode(text: string): string {
  return text.replace(/%(0D|0A|3A|2C|25)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

function parseOutputs(text: string): Record<string, string> {
  const outputs: Record<string, string> = {}
  const lines = text.split('\n')
  for (let index = 0; index < lines.length; index++) {
    const [, name, delimiter] = /^([\w-]+)<<(ghadelimiter_\S+)$/.exec(lines[index] ?? '') ?? []
    if (name === undefined || delimiter === undefined) continue
    const end = lines.indexOf(delimiter, index)
    outputs[name] = lines.slice(index + 1, end).join('\n')
    index = end
  }
  return outputs
}
