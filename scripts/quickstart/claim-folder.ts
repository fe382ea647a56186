// Empties the quickstart's folder for each run, but never removes files of the user or a running cluster.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Digests of what the quickstart itself wrote, by file. */
const WRITTEN = 'written.json'
/** The process whose cluster is in the folder. */
const RUNNING = 'running'

export interface ClaimedFolder {
  /** The folder with edited files of the last run. Absent if no file was edited. */
  readonly saved?: string
}

/**
 * Empties the folder for this process.
 * @throws Error with a sentence if a quickstart still runs in it
 */
export async function claimFolder(folder: string): Promise<ClaimedFolder> {
  const running = await readText(join(folder, RUNNING))
  if (running !== undefined && isAlive(Number(running)))
    throw new Error(
      `A quickstart is running here (process ${running.trim()}). End it with Ctrl-C in its terminal, then run this again.`,
    )
  const saved = (await wasEdited(folder)) ? await putAside(folder) : undefined
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, RUNNING), `${process.pid}\n`)
  return saved === undefined ? {} : { saved }
}

/** Writes a file of the quickstart and records its digest. */
export async function writeOwn(folder: string, name: string, text: string): Promise<void> {
  await writeFile(join(folder, name), text)
  const written = await readWritten(folder)
  await writeFile(join(folder, WRITTEN), JSON.stringify({ ...written, [name]: digestOf(text) }))
}

/** Marks the cluster as stopped. The files stay. */
export async function releaseFolder(folder: string): Promise<void> {
  await rm(join(folder, RUNNING), { force: true })
}

async function wasEdited(folder: string): Promise<boolean> {
  const written = await readWritten(folder)
  for (const [name, digest] of Object.entries(written)) {
    const text = await readText(join(folder, name))
    if (text !== undefined && digestOf(text) !== digest) return true
  }
  return false
}

/** Uses the first free name. */
async function putAside(folder: string): Promise<string> {
  for (let number = 1; ; number += 1) {
    const saved = `${folder}-saved-${number}`
    if (existsSync(saved)) continue
    await rename(folder, saved)
    return saved
  }
}

async function readWritten(folder: string): Promise<Readonly<Record<string, string>>> {
  const text = await readText(join(folder, WRITTEN))
  return text === undefined ? {} : (JSON.parse(text) as Record<string, string>)
}

async function readText(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined)
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return pid !== process.pid
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM'
  }
}
