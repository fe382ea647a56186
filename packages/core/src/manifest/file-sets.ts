// Decides which file declares a machine. Two files of one project do not touch each other's machines.
import type { Desired } from './manifest.ts'

/** Returns the folder of a file, as `Desired.origins` names it. */
export function folderOf(file: string): string {
  const at = file.lastIndexOf('/')
  return at < 0 ? './' : file.slice(0, at + 1)
}

/**
 * Returns true if a file does not belong to this manifest. A file that was deleted from one of its folders still
 * belongs to it.
 */
export function isOther(file: string | undefined, { origins }: Pick<Desired, 'origins'>): file is string {
  return file !== undefined && !origins.includes(file) && !origins.includes(folderOf(file))
}
