// Writes small configuration files to a temporary name and renames them, like the cluster file system.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

let counter = 0

export function writeWhole(file: string, text: string): void {
  const temporary = `${file}.tmp.${process.pid}.${counter++}`
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(temporary, text)
  renameSync(temporary, file)
}
