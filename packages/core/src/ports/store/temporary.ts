// Private folders of running writers, and what killed ones left: continued by the next, swept when old.
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { BlobKey } from '../world.ts'
import { keyName } from './blob-names.ts'
import { currentOwner, isGone } from './owner.ts'

export interface Temporary {
  /** A path for the writer; its folder is the writer's own. */
  readonly path: string
  /** Gives it up: what a download has so far is there for the next one, everything else is removed. */
  release(): Promise<void>
}

interface Leftover {
  readonly folder: string
  readonly keyName: string
  readonly bytes: number
  readonly idleMs: number
}

const SWEEP_AFTER_MS = 24 * 3600_000
/** Owners on other machines cannot be asked: after so long without a sign of life they count as gone. */
const FOREIGN_IDLE_MS = 3600_000
const HEARTBEAT_MS = 60_000
/** Stands where an owner's name would: nobody's. */
const NOBODY = 'free'

/** Stands where a key would: it is known only when the bytes are there. */
const NO_KEY = 'unknown'

export interface Claim {
  readonly key?: BlobKey
  readonly nowMs: number
}

/** A private file for `key`, with the bytes of the farthest writer that is gone already in it. */
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

/** Removes what nobody has continued for a day. */
export async function sweepTemporaries(directory: string, nowMs: number): Promise<void> {
  for (const { folder, idleMs } of await findLeftovers(directory, nowMs)) {
    if (idleMs > SWEEP_AFTER_MS) await remove(folder)
  }
}

/** A download's bytes say by their digest whether they are right; half a conversion is worth nothing. */
function canContinue(key: BlobKey | undefined): boolean {
  return key !== undefined && !key.includes('+')
}

/** Renaming a folder succeeds for one process only, so two never continue the same one. */
async function adopt(leftovers: readonly Leftover[], folder: string): Promise<boolean> {
  for (const leftover of leftovers.toSorted((a, b) => b.bytes - a.bytes)) {
    if (leftover.bytes === 0) continue
    try {
      await rename(leftover.folder, folder)
      return true
    } catch {
      // Another process was faster.
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
