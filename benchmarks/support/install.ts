// The foreign programs that a benchmark needs: installed if that is allowed, else named in one sentence.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

export interface Need {
  /** The name of the Debian package. */
  readonly package: string
  /** Programs on the PATH. Several if the package contains several that are needed. */
  readonly programs?: readonly string[]
  /** A module of Debian's Python. */
  readonly module?: string
}

// Debian's packages belong to Debian's Python, even if another one is first on the PATH.
export const PYTHON = '/usr/bin/python3'

/** Returns those that are missing on this computer. */
export function missing(needs: readonly Need[]): readonly Need[] {
  return needs.filter(
    ({ programs = [], module }) => !programs.every(isOnPath) || (module !== undefined && !isImportable(module)),
  )
}

/**
 * Installs what is missing. @returns what could not be installed, as a sentence, or undefined if everything is there
 */
export function install(needs: readonly Need[]): string | undefined {
  const wanted = missing(needs).map((need) => need.package)
  if (wanted.length === 0) return undefined
  console.error(`Installing ${wanted.join(', ')} …`)
  aptGet('update', '-qq')
  aptGet('install', '-y', '-q', '--no-install-recommends', ...wanted)
  const packages = missing(needs).map((need) => need.package)
  if (packages.length === 0) return undefined
  return `Needed, and neither here nor to be had by apt-get: ${packages.join(', ')}. Please install them as root: apt-get install ${packages.join(' ')}`
}

function aptGet(...words: readonly string[]): void {
  const command = ['apt-get', ...words]
  const [program = '', ...rest] = process.getuid?.() === 0 ? command : ['sudo', '-n', ...command]
  spawnSync(program, rest, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
}

function isOnPath(program: string): boolean {
  const folders = (process.env.PATH ?? '').split(':').concat('/usr/sbin', '/sbin')
  return folders.some((folder) => existsSync(join(folder, program)))
}

function isImportable(module: string): boolean {
  return spawnSync(PYTHON, ['-c', `import ${module}`], { stdio: 'ignore' }).status === 0
}
