// Checks each published package against the requirements of npm, Node, TypeScript and third-party licenses.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { NOTICES_FILE } from './third-party.mjs'

const PACKAGES = [
  { folder: 'packages/core', types: true },
  { folder: 'packages/simulator', types: true },
  { folder: 'packages/cli', types: false },
]

const METADATA = ['description', 'keywords', 'homepage', 'bugs', 'author', 'license', 'repository', 'engines']
const PAPERS = ['README.md', 'LICENSE', NOTICES_FILE]
const SOURCE_MAP = /^\/\/# sourceMappingURL=(?!data:)(.*)$/m

const failures = PACKAGES.flatMap(({ folder, types }) => [
  ...contentFaults(folder).map((fault) => `${folder}: ${fault}`),
  ...attempt('publint', ['--strict', folder]),
  ...(types ? attempt('attw', ['--pack', folder, '--profile', 'esm-only']) : []),
])
for (const failure of failures) console.error(`✗ ${failure}`)
process.exitCode = failures.length === 0 ? 0 : 1

/** Returns what is wrong with the files that npm would pack, and with `package.json`. */
function contentFaults(folder) {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const files = packedFiles(folder)
  return [
    ...METADATA.filter((key) => manifest[key] === undefined || manifest[key].length === 0).map((key) => `no "${key}"`),
    ...PAPERS.filter((paper) => !files.has(paper)).map((paper) => `${paper} is not packed`),
    ...[...files].flatMap((file) => mapFaults(folder, file, files)),
    ...(read(folder, 'LICENSE') === read('.', 'LICENSE') ? [] : ['LICENSE is not that of the repository']),
  ]
}

/** Returns the names of all files in the tarball. */
function packedFiles(folder) {
  const { stdout } = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: folder,
    encoding: 'utf8',
  })
  const packed = JSON.parse(stdout)
  // npm 9 returns a list, npm 12 a mapping by name.
  const [{ files }] = Array.isArray(packed) ? packed : Object.values(packed)
  return new Set(files.map(({ path }) => path))
}

/** Finds a source map that is not packed, or whose sources are not. */
function mapFaults(folder, file, files) {
  if (/\.(?:js|d\.ts)$/.test(file)) {
    const [, map] = SOURCE_MAP.exec(read(folder, file)) ?? []
    return map === undefined || files.has(inFolderOf(file, map)) ? [] : [`${file} names ${map}, which is not packed`]
  }
  if (!file.endsWith('.map')) return []
  const { sources, sourcesContent = [] } = JSON.parse(read(folder, file))
  const missing = sources.filter((source, at) => !sourcesContent[at] && !files.has(inFolderOf(file, source)))
  return missing.map((source) => `${file} names ${source}, which is not packed`)
}

function inFolderOf(file, name) {
  return normalize(join(dirname(file), name)).replaceAll('\\', '/')
}

function read(folder, file) {
  return readFileSync(join(folder, file), 'utf8')
}

function attempt(tool, args) {
  const { status } = spawnSync(tool, args, { stdio: 'inherit' })
  return status === 0 ? [] : [`${tool} ${args.join(' ')}`]
}
