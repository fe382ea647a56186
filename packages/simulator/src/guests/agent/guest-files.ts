// Files of a guest, as its agent reads and writes them, with the agent's error texts.

import type { GuestDisk } from '../../state/boot.ts'
import { folderOf, isFolder } from '../inside/folders.ts'

const release = `PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nNAME="Debian GNU/Linux"\nVERSION_ID="13"\nVERSION="13 (trixie)"\nID=debian\n`

/** Returns the bytes of a file. @throws the agent's error text */
export function readFile(disk: GuestDisk, path: string): string {
  const bytes = disk.files[path] ?? (path === '/etc/os-release' ? release : undefined)
  if (bytes !== undefined) return bytes
  if (isFolder(disk, path)) throw new Error('failed to read file: Is a directory')
  throw new Error(`failed to open file '${path}' (mode: 'r'): No such file or directory`)
}

export function writeFile(disk: GuestDisk, { path, bytes }: { path: string; bytes: string }): void {
  const cannot = (why: string): Error => new Error(`failed to open file '${path}' (mode: 'wb'): ${why}`)
  if (isFolder(disk, path)) throw cannot('Is a directory')
  if (!isFolder(disk, folderOf(path))) throw cannot('No such file or directory')
  disk.files[path] = bytes
}
