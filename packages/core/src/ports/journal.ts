// Stores facts as append-only lines, each with its own hash. A line that is torn, foreign or old is ignored, and the
// last valid one wins. Several processes may append at the same time, so there is no lock.
import { createHash, randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { open, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeFolder } from './files/make-folder.ts'
import type { Clock, Journal, JournalEntry } from './world.ts'

export interface JournalSettings {
  readonly path: string
  readonly clock: Clock
}

/** A new layout gets a new version. A file that does not begin with this line is not read, and is replaced. */
const HEADER = 'pve-provision journal 1\n'
const LINE_LIMIT_BYTES = 64 * 1024
const FILE_LIMIT_BYTES = 16 * 1024 * 1024
const COMPACT_ABOVE_LINES = 1000
/** Clocks differ a little. An entry from further in the future would never expire, so it is ignored. */
const CLOCK_TOLERANCE_MS = 5 * 60_000

interface Content {
  readonly entries: ReadonlyMap<string, JournalEntry>
  /** What must happen to the file before the next record. */
  readonly file: 'absent' | 'fine' | 'rewrite'
}

/**
 * Opens a journal. It reads the file once, on the first call. Callers must check the shape of the values. If the file
 * cannot be written, the journal forgets, which costs only time.
 */
export function createJournal({ path, clock }: JournalSettings): Journal {
  const known = new Map<string, JournalEntry>()
  let loading: Promise<Content> | undefined
  let appending: Promise<void> | undefined

  function load(): Promise<Content> {
    loading ??= readContent(path).then((text) => {
      const content = parse(text, clock.now())
      for (const [key, entry] of content.entries) known.set(key, entry)
      return content
    })
    return loading
  }

  return {
    async recall(key) {
      await load()
      return known.get(key)
    },
    async record(key, value) {
      const entry = { value, atMs: clock.now() }
      const line = toLine(key, entry)
      const { file } = await load()
      if (Buffer.byteLength(line) > LINE_LIMIT_BYTES) return
      known.set(key, entry)
      const first = appending === undefined ? prepare(path, file, known) : appending
      appending = first.then(() => append(path, line))
      await appending
    },
  }
}

async function readContent(path: string): Promise<string | undefined> {
  try {
    // Do not follow a symbolic link: a restored cache could make this read, and then rewrite, another file.
    const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0))
    try {
      const { size } = await file.stat()
      return size > FILE_LIMIT_BYTES ? '' : await file.readFile('utf8')
    } finally {
      await file.close()
    }
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT' ? undefined : ''
  }
}

function parse(text: string | undefined, nowMs: number): Content {
  if (text === undefined) return { entries: new Map(), file: 'absent' }
  if (!text.startsWith(HEADER)) return { entries: new Map(), file: 'rewrite' }
  const entries = new Map<string, JournalEntry>()
  const lines = text.slice(HEADER.length).split('\n')
  for (const line of lines) {
    const [key, entry] = parseLine(line) ?? []
    if (key === undefined || entry === undefined || entry.atMs > nowMs + CLOCK_TOLERANCE_MS) continue
    entries.set(key, entry)
  }
  // Each line is preceded by an empty one.
  const isLong = lines.length / 2 > COMPACT_ABOVE_LINES && lines.length / 2 > 2 * entries.size
  return { entries, file: isLong ? 'rewrite' : 'fine' }
}

function parseLine(line: string): readonly [string, JournalEntry] | undefined {
  const [hash, json] = [line.slice(0, 32), line.slice(33)]
  if (line[32] !== ' ' || line.length > LINE_LIMIT_BYTES || hashOf(json) !== hash) return undefined
  try {
    const fields = new Map<string, unknown>(Object.entries(JSON.parse(json) ?? {}))
    const [key, value, atMs] = [fields.get('key'), fields.get('value'), fields.get('atMs')]
    if (typeof key !== 'string' || typeof atMs !== 'number') return undefined
    return [key, { value, atMs }]
  } catch {
    return undefined
  }
}

// The leading newline ends a line that a killed process may have left incomplete.
function toLine(key: string, { value, atMs }: JournalEntry): string {
  const json = JSON.stringify({ key, value, atMs })
  return `\n${hashOf(json)} ${json}\n`
}

function hashOf(json: string): string {
  return createHash('sha256').update(json).digest('hex').slice(0, 32)
}

async function append(path: string, text: string, mayCreate = false): Promise<void> {
  const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW } = constants
  try {
    const file = await open(path, O_WRONLY | O_APPEND | (O_NOFOLLOW ?? 0) | (mayCreate ? O_CREAT : 0), 0o600)
    try {
      // One write for each line: the system then appends it as a whole.
      await file.write(text)
    } finally {
      await file.close()
    }
  } catch {
    // Ignored: the next run looks the fact up again.
  }
}

async function prepare(path: string, file: Content['file'], entries: ReadonlyMap<string, JournalEntry>): Promise<void> {
  if (file === 'rewrite') return rewrite(path, entries)
  if (file === 'fine') return
  await makeFolder(dirname(path)).catch(() => undefined)
  // Two processes may both start the file. The second header is then an invalid line, which is ignored.
  await append(path, HEADER, true)
}

/** Replaces the file. Lines that another process appends at the same time may be lost. */
async function rewrite(path: string, entries: ReadonlyMap<string, JournalEntry>): Promise<void> {
  const aside = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    const lines = [...entries].map(([key, entry]) => toLine(key, entry))
    await writeFile(aside, HEADER + lines.join(''), { flag: 'wx', mode: 0o600 })
    await rename(aside, path)
  } catch {
    await rm(aside, { force: true }).catch(() => undefined)
  }
}
