// The manifest and its lock file, read from where the inputs say.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { type LockFile, type ParsedManifest, ProvisionError, parseManifest } from '@pve-provision/core'
import { parseLockFile } from '@pve-provision/core/advanced'
import { nameInWorkspace } from './annotations.ts'
import type { Environment, Inputs } from './inputs.ts'

/**
 * Reads the manifest, with the limits that the inputs lay over it.
 * @throws ProvisionError `MANIFEST`
 */
export function loadManifest({ manifestFile, limits }: Inputs, environment: Environment): ParsedManifest {
  const file = nameInWorkspace(manifestFile, environment.GITHUB_WORKSPACE || process.cwd())
  const readFile = (path: string) => readFileSync(resolve(dirname(manifestFile), path), 'utf8')
  const parsed = parseManifest(
    { text: textOf(manifestFile, file), file },
    { environment: ownVariables(environment), readFile },
  )
  return {
    desired: { ...parsed.desired, limits: { ...parsed.desired.limits, ...limits } },
    secrets: parsed.secrets.filter((secret) => !isPublic(secret, environment)),
  }
}

/** What every run shows anyway is no secret, though it came by `${env:GITHUB_RUN_ID}`: names of machines hold it. */
function isPublic(value: string, environment: Environment): boolean {
  const open = Object.entries(environment).filter(
    ([name]) => /^(?:GITHUB|RUNNER)_/.test(name) && name !== 'GITHUB_TOKEN',
  )
  return open.some(([, known]) => known === value)
}

/**
 * The lock file; nothing where there is none.
 * @throws ProvisionError `MANIFEST`
 */
export function loadLockFile({ lockFile }: Inputs, environment: Environment): LockFile | undefined {
  if (!existsSync(lockFile)) return undefined
  const file = nameInWorkspace(lockFile, environment.GITHUB_WORKSPACE || process.cwd())
  return parseLockFile({ text: textOf(lockFile, file), file })
}

function textOf(path: string, file: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
    throw new ProvisionError('MANIFEST', `The manifest ${file} ${missing ? 'does not exist' : 'cannot be read'}.`, {
      cause,
      hint: 'Check out the repository first (`actions/checkout`), and name the file in the input `manifest`.',
    })
  }
}

/** What `${env:NAME}` may name: not the runner's own tokens, nor the inputs. */
function ownVariables(environment: Environment): Environment {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !/^(?:INPUT_|ACTIONS_|GITHUB_TOKEN$|STATE_)/.test(name)),
  )
}
