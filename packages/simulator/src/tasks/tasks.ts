// Tasks: work that continues after the call was answered, with a log, an exit status and a UPID.
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Clock } from '../clock.ts'
import { sentenceOf } from '../errors.ts'
import { formatUpid, parseUpid, type Upid } from './upid.ts'

/** The task as its own code sees it. */
export interface TaskContext {
  readonly upid: string
  readonly pid: number
  readonly signal: AbortSignal
  readonly log: (line: string) => void
  /** Logs a warning, which changes the exit status to `WARNINGS: n`. */
  readonly warn: (line: string) => void
  /** The injected fault of the task, from its first pause on. */
  readonly fate?: Fate
}

/** The fault of a task: it fails, it runs until it is stopped, or it succeeds with a warning. */
export type Fate = { readonly kind: 'dies' | 'warns'; readonly of: string } | { readonly kind: 'hangs' }

export interface Task {
  readonly upid: string
  readonly parts: Upid
  readonly lines: string[]
  readonly abort: AbortController
  readonly done: Promise<void>
  /** Undefined while it runs. */
  exitStatus?: string
  /** Seconds since 1970. */
  endTime?: number
}

export interface TaskRequest {
  readonly node: string
  readonly type: string
  readonly id: string
  readonly user: string
  readonly fate?: Fate
}

export interface Tasks {
  start(request: TaskRequest, work: (context: TaskContext) => Promise<void>): Task
  find(upid: string): Task | undefined
  /** Newest first. */
  list(node?: string): readonly Task[]
  /** Stops the task and waits for its end. */
  stop(task: Task): Promise<void>
  /** Stops all tasks and waits. */
  close(): Promise<void>
}

const keptInMemory = 5_000

export interface TaskPlace {
  readonly clock: Clock
  readonly nodes: readonly string[]
  /** The folder of a node's index and logs. */
  readonly directory: (node: string) => string
}

export function createTasks({ clock, nodes, directory }: TaskPlace): Tasks {
  const tasks = new Map<string, Task>()
  let nextPid = 0x0c00 + Math.floor(Math.random() * 0x1000)
  const bootTime = clock.now() - 100_000

  const logFile = (parts: Upid, upid: string): string => {
    const bucket = parts.startTime.toString(16).toUpperCase().slice(-1)
    return join(directory(parts.node), bucket, upid)
  }

  for (const entry of readIndexes(nodes, directory)) tasks.set(entry.upid, remembered(entry, logFile))

  const finish = (task: Task, warnings: number, error?: unknown): void => {
    const sentence = error === undefined ? undefined : sentenceOf(error).replaceAll('\n', ' ')
    task.exitStatus = sentence ?? (warnings > 0 ? `WARNINGS: ${warnings}` : 'OK')
    task.endTime = Math.floor(clock.now() / 1000)
    task.lines.push(sentence === undefined ? `TASK ${task.exitStatus}` : `TASK ERROR: ${sentence}`)
    const file = logFile(task.parts, task.upid)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, `${task.lines.join('\n')}\n`)
    const ended = task.endTime.toString(16).toUpperCase().padStart(8, '0')
    const line = `${task.upid} ${ended} ${task.exitStatus}\n`
    appendFileSync(join(directory(task.parts.node), 'index'), line)
  }

  const start: Tasks['start'] = (request, work) => {
    nextPid += 1 + Math.floor(Math.random() * 5)
    const { fate, ...named } = request
    const parts: Upid = {
      ...named,
      pid: nextPid,
      pstart: Math.floor((clock.now() - bootTime) / 10),
      startTime: Math.floor(clock.now() / 1000),
    }
    const upid = formatUpid(parts)
    const abort = new AbortController()
    const lines: string[] = []
    let warnings = 0
    const context: TaskContext = {
      upid,
      pid: parts.pid,
      signal: abort.signal,
      ...(fate && { fate }),
      log: (line) => lines.push(...line.split('\n')),
      warn: (line) => {
        warnings += 1
        lines.push(`WARN: ${line}`)
      },
    }
    const done = Promise.resolve()
      .then(() => work(context))
      .then(() => (fate?.kind === 'warns' ? context.warn(fate.of) : undefined))
      .then(
        () => finish(task, warnings, abort.signal.aborted ? new Error('received interrupt') : undefined),
        (error: unknown) => finish(task, warnings, error),
      )
    const task: Task = { upid, parts, lines, abort, done }
    tasks.set(upid, task)
    forgetOldest(tasks)
    return task
  }

  return {
    start,
    find: (upid) => tasks.get(upid) ?? recall(upid, logFile),
    list: (node) => {
      const all = [...tasks.values()].reverse()
      return node === undefined ? all : all.filter((task) => task.parts.node === node)
    },
    stop: async (task) => {
      task.abort.abort()
      await task.done
    },
    close: async () => {
      const running = [...tasks.values()].filter((task) => task.exitStatus === undefined)
      for (const task of running) task.abort.abort()
      await Promise.all(running.map((task) => task.done))
    },
  }
}

function forgetOldest(tasks: Map<string, Task>): void {
  if (tasks.size <= keptInMemory) return
  for (const [upid, task] of tasks) {
    if (task.exitStatus === undefined) continue
    tasks.delete(upid)
    return
  }
}

interface IndexEntry {
  readonly upid: string
  readonly parts: Upid
  readonly endTime: number
  readonly exitStatus: string
}

const rememberedPerNode = 500

/** Reads the last tasks from a reused data directory, oldest first. */
function readIndexes(nodes: readonly string[], directory: TaskPlace['directory']): readonly IndexEntry[] {
  const files = nodes.map((node) => join(directory(node), 'index')).filter((file) => existsSync(file))
  const lines = files.flatMap((file) => readFileSync(file, 'utf8').trimEnd().split('\n').slice(-rememberedPerNode))
  const entries = lines.flatMap((line) => {
    const [, upid = '', ended = '', exitStatus = ''] = /^(\S+) ([0-9A-F]{8}) (.*)$/.exec(line) ?? []
    const parts = parseUpid(upid)
    return parts === undefined ? [] : [{ upid, parts, endTime: Number.parseInt(ended, 16), exitStatus }]
  })
  return entries.sort((left, right) => left.endTime - right.endTime)
}

type LogFile = (parts: Upid, upid: string) => string

const readLines = (file: string): string[] => (existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [])

/** Its log is read on demand. */
function remembered({ upid, parts, endTime, exitStatus }: IndexEntry, logFile: LogFile): Task {
  return {
    upid,
    parts,
    get lines() {
      return readLines(logFile(parts, upid))
    },
    abort: new AbortController(),
    done: Promise.resolve(),
    exitStatus,
    endTime,
  }
}

/** Returns a task that is no longer in memory but has a log. */
function recall(upid: string, logFile: LogFile): Task | undefined {
  const parts = parseUpid(upid)
  if (parts === undefined || !existsSync(logFile(parts, upid))) return undefined
  const lines = readLines(logFile(parts, upid))
  const last = lines.at(-1) ?? ''
  const exitStatus = last.startsWith('TASK ERROR: ') ? last.slice(12) : last.replace(/^TASK /, '')
  return { upid, parts, lines, abort: new AbortController(), done: Promise.resolve(), exitStatus }
}
