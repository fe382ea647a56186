// Creates a folder and its parents.
//
// It does not use `mkdir` with `recursive`: below /proc that never returns (Node 24.21), and the paths come from users.
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { systemCode } from './disk-error.ts'

/** Creates a folder. A folder that already exists is not an error. @throws the system's error */
export async function makeFolder(path: string, mode = 0o700): Promise<void> {
  const code = await tryMake(path, mode)
  if (code !== 'ENOENT' || dirname(path) === path) return
  await makeFolder(dirname(path), mode)
  await mkdir(path, { mode }).catch(ignoreExisting)
}

async function tryMake(path: string, mode: number): Promise<string | undefined> {
  try {
    await mkdir(path, { mode })
    return undefined
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 'ENOENT'
    ignoreExisting(error)
    return undefined
  }
}

function ignoreExisting(error: unknown): void {
  if (systemCode(error) !== 'EEXIST') throw error
}
