// What a guest has written to its disk. It is stored next to the volume, and copied, renamed and removed with it.

import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { GuestDisk } from '../../state/boot.ts'

export interface VolumeFile {
  readonly realPath: string
}

const memoryOf = ({ realPath }: VolumeFile): string => join(dirname(realPath), `.${basename(realPath)}.guest.json`)

export function emptyDisk(): GuestDisk {
  return { packages: [], files: {} }
}

export function readGuestDisk(volume: VolumeFile | undefined): GuestDisk {
  if (volume === undefined || !existsSync(memoryOf(volume))) return emptyDisk()
  return JSON.parse(readFileSync(memoryOf(volume), 'utf8')) as GuestDisk
}

const isInMemory = (file: string): boolean => file.startsWith('/run/')

/** Files below `/run` are not stored. If the volume was removed meanwhile, nothing is stored. */
export function writeGuestDisk(volume: VolumeFile | undefined, disk: GuestDisk): void {
  if (volume === undefined || !existsSync(volume.realPath)) return
  const kept = Object.entries(disk.files).filter(([file]) => !isInMemory(file))
  const isUntouched = disk.packages.length + kept.length === 0 && disk.instanceId === undefined
  if (isUntouched) dropGuestDisk(volume)
  else writeFileSync(memoryOf(volume), JSON.stringify({ ...disk, files: Object.fromEntries(kept) }))
}

export function copyGuestDisk(from: VolumeFile, to: VolumeFile): void {
  if (!existsSync(memoryOf(from))) return
  mkdirSync(dirname(to.realPath), { recursive: true })
  copyFileSync(memoryOf(from), memoryOf(to))
}

export function moveGuestDisk(from: VolumeFile, to: VolumeFile): void {
  if (existsSync(memoryOf(from))) renameSync(memoryOf(from), memoryOf(to))
}

export function dropGuestDisk(volume: VolumeFile): void {
  rmSync(memoryOf(volume), { force: true })
}
