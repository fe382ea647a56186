// Unpacks a program from Debian or Ubuntu packages into a folder, without root and without changes to the system.
import { createHash } from 'node:crypto'
import { chmod, glob, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { WorkflowCache } from '../cache/workflow-cache.ts'
import { runProgram } from './run-program.ts'
import type { ToolSettings } from './tool-settings.ts'

/** Part of the keys. Increase it when the layout changes. */
const SCHEMA = 1
const PACKAGE = 'qemu-utils'
const CACHE_TIMEOUT_MS = 30_000

/** A package that is not installed, with the digest from apt's signed lists. */
export interface DebianPackage {
  /** `qemu-utils:amd64=1:7.2+dfsg-7`, in apt's format. */
  readonly spec: string
  /** `qemu-utils_1%3a7.2+dfsg-7_amd64.deb` */
  readonly file: string
  readonly sha256: string
}

/**
 * Unpacks qemu-img and its dependencies into a folder that contains `bin/qemu-img`. Returns undefined without apt.
 * Packages may come from the workflow's cache. Each one is compared with apt's signed lists before it is opened.
 */
export async function unpackDebianTool(settings: ToolSettings): Promise<string | undefined> {
  const { temporaryDirectory, signal } = settings
  const apt = await openApt(join(temporaryDirectory, 'apt'), signal)
  if (apt === undefined) return undefined
  const folder = join(temporaryDirectory, 'qemu-img')
  const packages = join(temporaryDirectory, 'packages')
  await mkdir(packages, { recursive: true })
  await fetchPackages(apt, packages, settings)
  const root = join(folder, 'root')
  await mkdir(root, { recursive: true })
  for (const { file } of apt.packages) await runProgram('dpkg-deb', ['-x', join(packages, file), root], { signal })
  for (const used of [packages, join(temporaryDirectory, 'apt')]) await rm(used, { recursive: true, force: true })
  await writeWrapper(folder, root)
  return folder
}

interface Apt {
  /** Options that come before each subcommand. */
  readonly options: readonly string[]
  readonly packages: readonly DebianPackage[]
}

/** Uses the system's package lists. If they are missing, downloads lists into a folder of this run. */
async function openApt(directory: string, signal: AbortSignal): Promise<Apt | undefined> {
  if (!(await runProgram('apt-get', ['--version'], { signal }).catch(() => undefined))) return undefined
  const shared = await listPackages(['-o', 'Debug::NoLocking=1'], signal).catch(() => [])
  if (shared.length > 0) return { options: ['-o', 'Debug::NoLocking=1'], packages: shared }
  await mkdir(join(directory, 'lists', 'partial'), { recursive: true })
  await mkdir(join(directory, 'cache', 'archives', 'partial'), { recursive: true })
  const options = [
    '-o',
    `Dir::State::Lists=${directory}/lists`,
    '-o',
    `Dir::Cache=${directory}/cache`,
    '-o',
    'Debug::NoLocking=1',
  ]
  await runProgram('apt-get', [...options, 'update', '-qq'], { signal })
  return { options, packages: await listPackages(options, signal) }
}

async function listPackages(options: readonly string[], signal: AbortSignal): Promise<readonly DebianPackage[]> {
  const args = ['install', '--print-uris', '-qq', '--no-install-recommends', PACKAGE]
  const files = parseUris(await runProgram('apt-get', [...options, ...args], { signal }))
  return Promise.all(
    files.map(async ({ spec, file }) => {
      const record = await runProgram('apt-cache', [...options, 'show', '--no-all-versions', spec], { signal })
      const sha256 = /^SHA256: ([0-9a-f]{64})$/m.exec(record)?.[1]
      if (sha256 === undefined) throw new Error(`apt's lists have no SHA-256 for ${spec}`)
      return { spec, file, sha256 }
    }),
  )
}

/** Parses `'http://…/x.deb' qemu-utils_1%3a7.2_amd64.deb 1292564 MD5Sum:…`, one package on each line. */
export function parseUris(text: string): readonly Pick<DebianPackage, 'spec' | 'file'>[] {
  return Array.from(text.matchAll(/^'\S+' (([a-z0-9][a-z0-9+.-]*)_([\w.+~%-]+)_([a-z0-9]+)\.deb) \d+/gm), (found) => {
    const [, file = '', name = '', version = '', architecture = ''] = found
    const suffix = architecture === 'all' ? '' : `:${architecture}`
    return { file, spec: `${name}${suffix}=${decodeURIComponent(version)}` }
  })
}

async function fetchPackages(apt: Apt, directory: string, { cache, prefix, signal }: ToolSettings): Promise<void> {
  const key = `${prefix}-tool-v${SCHEMA}-${hashOf(JSON.stringify(apt.packages)).slice(0, 32)}`
  const missing = cache ? await restorePackages(apt.packages, { cache, key, directory, signal }) : apt.packages
  if (missing.length === 0) return
  const specs = missing.map(({ spec }) => spec)
  await runProgram('apt-get', [...apt.options, '-qq', 'download', ...specs], { cwd: directory, signal })
  for (const { file, sha256, spec } of missing) {
    if (hashOf(await readFile(join(directory, file))) !== sha256) throw new Error(`${spec} does not match apt's lists`)
  }
  if (cache) await savePackages(apt.packages, { cache, key, directory, signal })
}

interface PackageCache {
  readonly cache: WorkflowCache
  readonly key: string
  readonly directory: string
  readonly signal: AbortSignal
}

/** Returns the packages that were not in the cache, or whose digest was wrong. */
async function restorePackages(
  packages: readonly DebianPackage[],
  packageCache: PackageCache,
): Promise<readonly DebianPackage[]> {
  const { cache, key, directory, signal } = packageCache
  const entry = await cache.restore({ key, timeoutMs: CACHE_TIMEOUT_MS, signal })
  if (entry === undefined || entry === 'trouble') return packages
  const contents = await readFile(entry.path, 'utf8').then(parseContents, () => new Map<string, Buffer>())
  await rm(dirname(entry.path), { recursive: true, force: true })
  const isRight = ({ file, sha256 }: DebianPackage) => hashOf(contents.get(file) ?? '') === sha256
  for (const wanted of packages.filter(isRight)) {
    await writeFile(join(directory, wanted.file), contents.get(wanted.file) ?? '')
  }
  return packages.filter((wanted) => !isRight(wanted))
}

function parseContents(text: string): ReadonlyMap<string, Buffer> {
  try {
    const entries = Object.entries(JSON.parse(text) as Record<string, unknown>)
    return new Map(entries.map(([file, content]) => [file, Buffer.from(String(content), 'base64')]))
  } catch {
    return new Map()
  }
}

async function savePackages(
  packages: readonly DebianPackage[],
  { cache, key, directory, signal }: PackageCache,
): Promise<void> {
  const contents: Record<string, string> = {}
  for (const { file } of packages) contents[file] = await readFile(join(directory, file), 'base64')
  const path = join(directory, 'packages.json')
  await writeFile(path, JSON.stringify(contents))
  await cache.save(path, { key, timeoutMs: CACHE_TIMEOUT_MS, signal })
}

/**
 * Writes a wrapper that sets the library path. The libraries are next to the program, where the loader does not search.
 */
async function writeWrapper(folder: string, root: string): Promise<void> {
  const libraries: string[] = []
  for await (const name of glob('{usr/lib,lib}/*-linux-gnu*', { cwd: root })) libraries.push(`$root/${name}`)
  const script = [
    '#!/bin/sh',
    'root=$(dirname "$(dirname "$(readlink -f "$0")")")/root',
    `LD_LIBRARY_PATH="${libraries.join(':')}" exec "$root/usr/bin/qemu-img" "$@"`,
  ].join('\n')
  await mkdir(join(folder, 'bin'), { recursive: true })
  await writeFile(join(folder, 'bin', 'qemu-img'), `${script}\n`)
  await chmod(join(folder, 'bin', 'qemu-img'), 0o755)
}

function hashOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}
