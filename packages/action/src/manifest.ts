// The manifest and its lock file, read from where the inputs say.
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import {
  type LockFile,
  type ManifestSource,
  type ParsedManifest,
  ProvisionError,
  parseManifest,
} from '@pve-provision/core'
import { createForeignFiles, parseLockFile } from '@pve-provision/core/advanced'
import { nameInWorkspace } from './annotations.ts'
import type { Environment, Inputs } from './inputs/inputs.ts'
import { howToAllow, readableNames } from './inputs/readable-names.ts'

/**
 * Reads the manifest, with the limits that the inputs lay over it. The files that it names lie in the workspace, or
 * where the manifest itself is when that is elsewhere: a pull request must not put the runner's files onto a machine.
 * @throws ProvisionError `MANIFEST`
 */
export function loadManifest(inputs: Inputs, environment: Environment): ParsedManifest {
  const { manifestFile, limits, mode } = inputs
  const workspace = workspaceOf(environment)
  const isInside = nameInWorkspace(manifestFile, workspace) !== manifestFile
  const files = createForeignFiles({ folder: workspace, root: isInside ? workspace : dirname(manifestFile) })
  const parsed = parseManifest(readSources(manifestFile, workspace), {
    ...files,
    environment,
    allow: readableNames(inputs, environment),
    howToAllow: (name) => howToAllow(name, inputs, environment),
    variables: inputs.variables,
    howToGive: (name) => `the input \`vars\`, as a line \`${name}=…\``,
    howToSet,
    // A pull request of a stranger gets an answer too, though no secret is there.
    ...(mode === 'validate' && { standIn }),
  })
  return { ...parsed, desired: { ...parsed.desired, limits: { ...parsed.desired.limits, ...limits } } }
}

/**
 * The lock file; nothing where there is none.
 * @throws ProvisionError `MANIFEST`
 */
export function loadLockFile({ lockFile }: Inputs, environment: Environment): LockFile | undefined {
  if (!existsSync(lockFile)) return undefined
  const [source] = readSources(lockFile, workspaceOf(environment))
  return source && parseLockFile(source)
}

function standIn(name: string): string {
  return `stand-in-for-${name}`
}

function workspaceOf(environment: Environment): string {
  return environment.GITHUB_WORKSPACE || process.cwd()
}

function howToSet(name: string): string {
  return `set ${name} under \`env:\` of the step or the job`
}

/** The file that an input names, or those of a folder, by the names that annotations need. */
function readSources(path: string, workspace: string): readonly ManifestSource[] {
  try {
    const sources = createForeignFiles({ folder: workspace }).manifests([path])
    return sources.map((source) => ({ ...source, file: nameInWorkspace(source.file, workspace) }))
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
    const name = nameInWorkspace(path, workspace)
    throw new ProvisionError('MANIFEST', `The manifest ${name} ${missing ? 'does not exist' : 'cannot be read'}.`, {
      cause,
      hint: 'Check out the repository first (`actions/checkout`), and name the file in the input `manifest`.',
    })
  }
}
