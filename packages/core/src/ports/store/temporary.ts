// Private folders of running writers. What a killed writer leaves is continued by the next one, or removed when it is
// old.
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { BlobKey } from '../world.ts'
import { keyName } from './blob-names.ts'
import { currentOwner, isGone } from './owner.ts'

export interface Temporary {
  /** A path for the writer. The folder belongs to this writer alone. */
  readonly path: string
  /** Releases the folder. A partial download stays for the next writer; everything else is removed. */
  release(): Promise<void>
}

interface Leftover {
  readonly folder: string
  readonly keyName: string
  readonly bytes: number
  readonly idleMs: number
}

const SWEEP_AFTER_MS = 24 * 3600_000
/** Processes on other hosts cannot be checked. After this time without a sign of life, they count as gone. */
const FOREIGN_IDLE_MS = 3600_000
const HEARTBEAT_MS = 60_000
/** Stands in place of the owner for a folder without one. */
const NOBODY = 'free'

/** Stands in place of the key, which is known only when the bytes are there. */
const NO_KEY = 'unknown'

export interface Claim {
  readonly key?: BlobKey
  readonly nowMs: number
}

/** Claims a private file for `key`. It starts with the bytes of the dead writer that got furthest. */
export async function claimTemporary(directory: string, { key, nowMs }: Claim): Promise<Temporary> {
  const label = key === undefined ? NO_KEY : keyName(key)
  const folder = join(directory, `${label}~${await currentOwner()}~${token()}`)
  const leftovers = (await findLeftovers(directory, nowMs)).filter((leftover) => leftover.keyName === label)
  if (!canContinue(key) || !(await adopt(leftovers, folder))) await mkdir(folder, { mode: 0o700 })
  await touch(folder)
  await Promise.all(leftovers.map((leftover) => remove(leftover.folder)))
  const heartbeat = setInterval(() => void touch(folder), HEARTBEAT_MS).unref()
  const path = join(folder, 'data')
  return {
    path,
    async release() {
      clearInterval(heartbeat)
      const left = await sizeOf(folder)
      if (!canContinue(key) || left === 0) return remove(folder)
      await rename(folder, join(directory, `${label}~${NOBODY}~${token()}`)).catch(() => undefined)
    },
  }
}

/** Removes folders that no writer has continued for a day. */
export async function sweepTemporaries(directory: string, nowMs: number): Promise<void> {
  for (const { folder, idleMs } of await findLeftovers(directory, nowMs)) {
    if (idleMs > SWEEP_AFTER_MS) await remove(folder)
  }
}

/** Only a download can be continued: its digest verifies the result. A partial conversion is useless. */
function canContinue(key: BlobKey | undefined): boolean {
  return key !== undefined && !key.includes('+')
}

/**
 * Takes over a folder by renaming it. A rename succeeds for one process only, so no two processes continue the same
 * one.
 */
async function adopt(leftovers: readonly Leftover[], folder: string): Promise<boolean> {
  for (const leftover of leftovers.toSorted((a, b) => b.bytes - a.bytes)) {
    if (leftover.bytes === 0) continue
    try {
      await rename(leftover.folder, folder)
      return true
    } catch {
      // Another process took it first.
    }
  }
  return false
}

async function findLeftovers(directory: string, nowMs: number): Promise<readonly Leftover[]> {
  const names = await readdir(directory)
  const found = await Promise.all(names.map((name) => leftoverOf(directory, name, nowMs)))
  return found.filter((leftover) => leftover !== undefined)
}

async function leftoverOf(directory: string, name: string, nowMs: number): Promise<Leftover | undefined> {
  const folder = join(directory, name)
  const status = await stat(folder).catch(() => undefined)
  if (status === undefined) return undefined
  const [key = '', owner = ''] = name.split('~')
  const idleMs = nowMs - status.mtimeMs
  if (owner !== NOBODY && !(await isGone(owner, { idleMs, limitMs: FOREIGN_IDLE_MS }))) return undefined
  return { folder, keyName: key, bytes: await sizeOf(folder), idleMs }
}

async function sizeOf(folder: string): Promise<number> {
  return stat(join(folder, 'data')).then(
    ({ size }) => size,
    () => 0,
  )
}

async function touch(folder: string): Promise<void> {
  const now = new Date()
  await utimes(folder, now, now).catch(() => undefined)
}

async function remove(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true }).catch(() => undefined)
}

function token(): string {
  return randomBytes(4).toString('hex')
}
