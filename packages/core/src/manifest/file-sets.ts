// Which file declares a machine: two files of one project leave the machines of each other alone.
import type { Desired } from './manifest.ts'

/** The folder of a file, as `Desired.origins` names it. */
export function folderOf(file: string): string {
  const at = file.lastIndexOf('/')
  return at < 0 ? './' : file.slice(0, at + 1)
}

/** Whether a file is none of this manifest's. A file that is gone from a folder of it is one of its own. */
export function isOther(file: string | undefined, { origins }: Pick<Desired, 'origins'>): file is string {
  return file !== undefined && !origins.includes(file) && !origins.includes(folderOf(file))
}
