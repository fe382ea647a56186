// Reads the manifest and its lock file from the paths in the inputs.
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
 * Reads the manifest and overrides its limits with those of the inputs. The files that it names must be inside the
 * workspace or, if the manifest is elsewhere, inside its own folder. Otherwise a pull request could copy files of the
 * runner to a VM.
 * @throws ProvisionError `MANIFEST`
 */
export function loadManifest(inputs: Inputs, environment: Environment): ParsedManifest {
  const { manifestFile, limits, mode } = inputs
  const workspace = workspaceOf(environment)
  const isInside = nameInWorkspace(manifestFile, workspace) !== manifestFile
  const files = createForeignFiles({ folder: workspace, root: isInside ? workspace : dirname(manifestFile) })
  const parsed = parseManifest(readSources(manifestFile, workspace, 'manifest'), {
    ...files,
    environment,
    allow: readableNames(inputs, environment),
    howToAllow: (names) => howToAllow(names, inputs, environment),
    variables: inputs.variables,
    howToGive: (name) => `the input \`vars\`, as a line \`${name}=…\``,
    howToSet,
    // A pull request from a fork is validated too, although it has no access to secrets.
    ...(mode === 'validate' && { standIn }),
  })
  return { ...parsed, desired: { ...parsed.desired, limits: { ...parsed.desired.limits, ...limits } } }
}

/**
 * Reads the lock file. Returns undefined if it does not exist.
 * @throws ProvisionError `MANIFEST`
 */
export function loadLockFile({ lockFile }: Inputs, environment: Environment): LockFile | undefined {
  if (!existsSync(lockFile)) return undefined
  const [source] = readSources(lockFile, workspaceOf(environment), 'lock file')
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

/**
 * Reads the file that an input names, or the files of a folder, with their names for annotations. A path in the
 * workspace must stay there with links resolved, because errors show the text of the file.
 */
function readSources(path: string, workspace: string, what: string): readonly ManifestSource[] {
  const name = nameInWorkspace(path, workspace)
  const files = createForeignFiles({ folder: workspace, root: name === path ? undefined : workspace })
  try {
    return files.manifests([path]).map((source) => ({ ...source, file: nameInWorkspace(source.file, workspace) }))
  } catch (cause) {
    throw unreadable(`The ${what} ${name}`, cause)
  }
}

function unreadable(subject: string, cause: unknown): ProvisionError {
  const isOfSystem = cause instanceof Error && 'code' in cause
  if (isOfSystem && cause.code === 'ENOENT')
    return new ProvisionError('MANIFEST', `${subject} does not exist.`, {
      cause,
      hint: 'Check out the repository first (`actions/checkout`), and set the input `manifest` to the path of the file.',
    })
  const reason = isOfSystem || !(cause instanceof Error) ? 'cannot be read' : cause.message
  return new ProvisionError('MANIFEST', `${subject} ${reason}.`, { cause })
}
