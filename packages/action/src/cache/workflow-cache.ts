// Reads and writes the workflow's cache. Each entry is one file, exchanged by a child process that can be killed at any
// time.
import { type ChildProcess, fork } from 'node:child_process'
import { lstat, mkdtemp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Environment } from '../inputs/inputs.ts'
import { CHILD_ARGUMENT, ENTRY_FILE, type Exchange, type ExchangeAnswer } from './cache-protocol.ts'

export interface WorkflowCacheSettings {
  readonly environment: Environment
  /** The file of this program, which is started again as the child process. */
  readonly program: string
  readonly temporaryDirectory: string
  readonly log: CacheLog
}

export interface CacheLog {
  debug(text: string): void
  say(text: string): void
  /** Prints a warning of one sentence about a problem with the cache. */
  warning(text: string): void
  /** Passes a line to the runner unchanged, such as a mask. */
  command(line: string): void
}

export interface EntryRequest {
  readonly key: string
  readonly restoreKeys?: readonly string[]
  /** Time limit. After it, the run continues without the entry. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

export interface RestoredEntry {
  readonly key: string
  /** A regular file in its own folder. The caller must move or remove it. */
  readonly path: string
}

export interface WorkflowCache {
  /**
   * Returns the entry with this key, or the newest one that begins with one of the restore keys. A problem is also
   * reported as a warning.
   */
  restore(request: EntryRequest): Promise<RestoredEntry | 'trouble' | undefined>
  /** Saves a file and moves it away. Resolves with false if it was not saved, for any reason. */
  save(path: string, request: EntryRequest): Promise<boolean>
}

/**
 * Creates the cache access. It uses a child process because GitHub's client cannot be aborted (it waits 30 s for a
 * service that answers 500), cannot be limited to a folder (tar follows absolute names and links in an archive), and
 * prints problems as errors.
 */
export function createWorkflowCache(settings: WorkflowCacheSettings): WorkflowCache {
  // After one failure, this run does not use the service again.
  let isUsable = true
  return {
    async restore(request) {
      if (!isUsable) return 'trouble'
      const folder = await mkdtemp(join(settings.temporaryDirectory, 'restore-'))
      const answer = await exchange({ ...settings, folder }, { ...request, action: 'restore' })
      isUsable = answer !== undefined
      const path = join(folder, ENTRY_FILE)
      if (answer?.action === 'restore' && answer.key !== undefined) {
        const found = await lstat(path).catch(() => undefined)
        if (found?.isFile()) return { key: answer.key, path }
        settings.log.warning(`The cache entry ${answer.key} was not created by pve-provision and was ignored.`)
      }
      await rm(folder, { recursive: true, force: true })
      return answer === undefined ? 'trouble' : undefined
    },
    async save(path, request) {
      if (!isUsable) return false
      const folder = await mkdtemp(join(settings.temporaryDirectory, 'save-'))
      try {
        await rename(path, join(folder, ENTRY_FILE))
        const answer = await exchange({ ...settings, folder }, { ...request, action: 'save' })
        return answer?.action === 'save' && answer.saved
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
  }
}

interface Place extends WorkflowCacheSettings {
  readonly folder: string
}

async function exchange(
  place: Place,
  { timeoutMs, signal, ...request }: EntryRequest & Pick<Exchange, 'action'>,
): Promise<ExchangeAnswer | undefined> {
  const message: Exchange = { action: request.action, key: request.key, restoreKeys: request.restoreKeys ?? [] }
  const child = fork(place.program, [CHILD_ARGUMENT, JSON.stringify(message)], {
    cwd: place.folder,
    env: childEnvironment(place, request.action),
    execArgv: [],
    // This process reads the output, because the runner would treat some of it as errors.
    silent: true,
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    ...(signal && { signal }),
  })
  const { troubles, remarks } = listen(child, place.log)
  const { answer, code } = await ended(child)
  const trouble =
    answer?.action === 'fail' ? answer.message : (troubles[0] ?? (answer ? undefined : silence(code, timeoutMs)))
  if (trouble !== undefined && !signal?.aborted) place.log.warning(sentence(request.action, trouble))
  else if (remarks[0] !== undefined) place.log.say(`The workflow's cache was not written: ${remarks[0]}`)
  // A cache miss after a problem may not be a real miss.
  return answer?.action === 'fail' || (request.action === 'restore' && trouble !== undefined) ? undefined : answer
}

const OPERATIONS = { restore: 'read', save: 'written' } as const

function sentence(action: Exchange['action'], trouble: string): string {
  return `The workflow's cache could not be ${OPERATIONS[action]}. The run continues without it: ${trouble}`
}

function silence(code: number | null, timeoutMs: number): string {
  return code === null ? `no answer within ${Math.round(timeoutMs / 1000)} s.` : `its client ended with ${code}.`
}

interface Heard {
  readonly troubles: readonly string[]
  /** Why nothing was saved if that is not a problem: another job was faster, or the cache is full. */
  readonly remarks: readonly string[]
}

/** Sorts the output of the client into problems, remarks and debug lines. */
function listen(child: ChildProcess, log: CacheLog): Heard {
  const troubles: string[] = []
  const remarks: string[] = []
  const sort = (line: string) => {
    const [, command, text] = /^::(\w[\w-]*)[^:]*::(.*)$/.exec(line) ?? []
    if (command === 'add-mask') log.command(line)
    else if (command === 'warning' || command === 'error') troubles.push(decode(text ?? ''))
    else if (line.startsWith('Failed to save: ')) remarks.push(line.slice('Failed to save: '.length))
    else if (line.trim() !== '') log.debug(command === 'debug' ? decode(text ?? '') : line)
  }
  for (const stream of [child.stdout, child.stderr]) {
    let rest = ''
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split(/\r?\n/)
      rest = lines.pop() ?? ''
      for (const line of lines) sort(line)
    })
    stream?.on('end', () => sort(rest))
  }
  return { troubles, remarks }
}

function decode(text: string): string {
  return text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%')
}

function ended(child: ChildProcess): Promise<{ answer: ExchangeAnswer | undefined; code: number | null }> {
  return new Promise((resolve) => {
    let answer: ExchangeAnswer | undefined
    child.on('message', (message) => {
      answer = message as ExchangeAnswer
    })
    // An abort or a timeout is an error event here. The `close` event handles it.
    child.on('error', () => undefined)
    child.on('close', (code) => resolve({ answer, code }))
  })
}

/** Environment variables that the client and tar need. Inputs and secrets are not passed on. */
const PASSED_ON =
  /^(PATH|HOME|USER|LANG|LC_\w+|TMPDIR|SystemRoot|ACTIONS_\w+|RUNNER_\w+|GITHUB_(SERVER_URL|REPOSITORY|RUN_ID|REF|API_URL)|NODE_EXTRA_CA_CERTS|https?_proxy|no_proxy)$/i

/**
 * Makes GNU tar pipe each regular file to a command instead of writing it under its own name. Links and folders are
 * skipped. So an archive can only create a file in this folder.
 */
const CONTAINED = '--to-command=cat>\\"$PVE_PROVISION_LANDING/${TAR_FILENAME##*/}\\"'

function childEnvironment({ environment, folder }: Place, action: Exchange['action']): Record<string, string> {
  const kept = Object.entries(environment).flatMap(([name, value]) =>
    value !== undefined && PASSED_ON.test(name) ? [[name, value] as const] : [],
  )
  const restoring = action === 'restore' && process.platform !== 'win32'
  return {
    ...Object.fromEntries(kept),
    // The client packs and unpacks relative to the workspace.
    GITHUB_WORKSPACE: folder,
    ...(restoring && { TAR_OPTIONS: CONTAINED, PVE_PROVISION_LANDING: folder }),
  }
}
