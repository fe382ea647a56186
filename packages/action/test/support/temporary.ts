// Folders for one test file, removed when it is done.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

let root: string | undefined

/** A new folder; its name begins with what it is for. */
export function temporaryFolder(purpose: string): string {
  root ??= mkdtempSync(join(tmpdir(), 'pve-provision-action-'))
  return mkdtempSync(join(root, `${purpose}-`))
}

export function removeTemporaryFolders(): void {
  if (root !== undefined) rmSync(root, { recursive: true, force: true })
  root = undefined
}
