// Computes the name of a manifest that markers contain. It is the same on every computer that has a copy of the
// manifest.
import { existsSync, realpathSync } from 'node:fs'
import { basename, dirname, join, relative, sep } from 'node:path'

/** Returns the path inside the Git repository or, outside of one, the names of the folder and the file. */
export function identityOf(path: string): string {
  const real = realpathSync(path)
  const root = repositoryOf(dirname(real))
  const name = root === undefined ? join(basename(dirname(real)), basename(real)) : relative(root, real)
  return name.split(sep).join('/')
}

function repositoryOf(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at
    if (at === dirname(at)) return undefined
  }
}
