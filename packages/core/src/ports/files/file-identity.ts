// What a manifest is called in markers: the same on every machine that has a copy of it.
import { existsSync, realpathSync } from 'node:fs'
import { basename, dirname, join, relative, sep } from 'node:path'

/** Its path in the repository that it is in; without one, its name with that of its folder. */
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
