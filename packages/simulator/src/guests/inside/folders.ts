// Folders of a guest: those of any Linux, those that were created, and those that contain a file.
import type { GuestDisk } from '../../state/boot.ts'

const usual =
  /^(?:\/|\/(?:bin|boot|dev|etc|home|lib|mnt|opt|proc|root|run|sbin|srv|sys|tmp|usr|var)|\/etc\/(?:cloud|default|netplan|network|profile\.d|ssh|sudoers\.d|systemd|systemd\/system)|\/run\/cloud-init|\/usr\/(?:bin|lib|local|sbin|share)|\/usr\/local\/(?:bin|etc|lib|sbin)|\/var\/(?:cache|lib|lib\/cloud|log|spool|tmp))$/

export function isFolder({ files, folders = [] }: GuestDisk, path: string): boolean {
  const folder = withoutSlash(path)
  const isBelow = (name: string): boolean => name.startsWith(`${folder}/`)
  return usual.test(folder) || folders.includes(folder) || Object.keys(files).some(isBelow) || folders.some(isBelow)
}

export function makeFolder(disk: GuestDisk, path: string): void {
  disk.folders = [...new Set([...(disk.folders ?? []), withoutSlash(path)])]
}

export const folderOf = (path: string): string => withoutSlash(path.replace(/[^/]*$/, ''))

const withoutSlash = (path: string): string => (path === '/' ? path : path.replace(/\/+$/, '') || '/')
