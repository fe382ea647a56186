// Saves the state of a partial download next to the file, so that a later process can continue it.
import { type FileHandle, readFile, rename, rm, writeFile } from 'node:fs/promises'
import type { Digest } from '../../../manifest/manifest.ts'
import type { Source } from './source.ts'

export interface PartialState {
  readonly bytes: number
  readonly source: Source
}

const VERSION = 1
const STATE_LIMIT_BYTES = 8192

function statePath(path: string): string {
  return `${path}.state`
}

/** Reads the state. Returns undefined unless it is complete, belongs to this digest, and the file is long enough. */
export async function readPartialState(
  path: string,
  digest: Digest,
  file: FileHandle,
): Promise<PartialState | undefined> {
  try {
    const text = await readFile(statePath(path), 'utf8')
    if (text.length > STATE_LIMIT_BYTES) return undefined
    const fields = new Map<string, unknown>(Object.entries(JSON.parse(text) ?? {}))
    const bytes = fields.get('bytes')
    const source = parseSource(fields.get('source'))
    const isOurs = fields.get('version') === VERSION && fields.get('digest') === digest
    if (!isOurs || !isSize(bytes) || bytes > (await file.stat()).size || source === undefined) return undefined
    return { bytes, source }
  } catch {
    return undefined
  }
}

/** Saves the state. A failure is ignored: the next process then starts over. */
export async function writePartialState(path: string, digest: Digest, state: PartialState): Promise<void> {
  const aside = `${statePath(path)}.new`
  try {
    await writeFile(aside, JSON.stringify({ version: VERSION, digest, ...state }), { mode: 0o600 })
    await rename(aside, statePath(path))
  } catch {
    await rm(aside, { force: true }).catch(() => undefined)
  }
}

export async function dropPartialState(path: string): Promise<void> {
  await rm(statePath(path), { force: true }).catch(() => undefined)
  await rm(`${statePath(path)}.new`, { force: true }).catch(() => undefined)
}

function parseSource(value: unknown): Source | undefined {
  const fields = new Map<string, unknown>(Object.entries(value ?? {}))
  const origin = header(fields.get('origin'))
  const etag = header(fields.get('etag'))
  const lastModified = header(fields.get('lastModified'))
  const sizeBytes = fields.get('sizeBytes')
  if (origin === undefined || !isSize(sizeBytes)) return undefined
  return {
    origin,
    sizeBytes,
    ...(etag === undefined ? {} : { etag }),
    ...(lastModified === undefined ? {} : { lastModified }),
  }
}

/** The value becomes a request header, so it must not contain control characters. */
function header(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\x20-\x7e]{1,1024}$/.test(value) ? value : undefined
}

function isSize(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
