// The programs of others that a benchmark needs: fetched where that is allowed, else named in one sentence.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

export interface Need {
  /** Debian's. */
  readonly package: string
  /** Found on the PATH; several when a package has several that are wanted. */
  readonly programs?: readonly string[]
  /** Found by Debian's Python. */
  readonly module?: string
}

// Debian's packages belong to Debian's Python, whatever else is first on the PATH.
export const PYTHON = '/usr/bin/python3'

/** Those that this machine lacks. */
export function missing(needs: readonly Need[]): readonly Need[] {
  return needs.filter(
    ({ programs = [], module }) => !programs.every(isOnPath) || (module !== undefined && !isImportable(module)),
  )
}

/** Installs what is missing. @returns what could not be had, as a sentence; nothing when all is there */
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
