// Temporary folders for one test file, which are removed at its end.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

let root: string | undefined

/** Creates a new folder whose name begins with its purpose. */
export function temporaryFolder(purpose: string): string {
  root ??= mkdtempSync(join(tmpdir(), 'pve-provision-action-'))
  return mkdtempSync(join(root, `${purpose}-`))
}

export function removeTemporaryFolders(): void {
  if (root !== undefined) rmSync(root, { recursive: true, force: true })
  root = undefined
}
