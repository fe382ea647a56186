// Downloads cloud-init's own Python for the first-boot tests. Packages are unpacked into a folder and not installed. It
// supports every Node since 20.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const FOLDER = fileURLToPath(new URL('../.cache/cloud-init', import.meta.url))
const TRIED = join(FOLDER, 'tried')
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'

/**
 * Debian's stable releases with an old and a new cloud-init: 22.4 and 25.1. On other systems, the system's own is used.
 */
const DEBIAN = ['bookworm', 'trixie']
const DAY_MS = 24 * 3600 * 1000

/**
 * Unpacks cloud-init into `.cache/cloud-init/NAME`, once. If it is not available, tries again after a day.
 * @returns a sentence for people, or undefined if everything is there
 */
export function fetchCloudInit() {
  mkdirSync(FOLDER, { recursive: true })
  if (readdirSync(FOLDER).some((name) => existsSync(join(FOLDER, name, 'path')))) return undefined
  if (existsSync(TRIED) && Date.now() - Number(readFileSync(TRIED, 'utf8')) < DAY_MS) return readReason()
  try {
    if (!existsSync('/usr/bin/apt-get')) throw new Error('there is no apt-get')
    const own = ownSuite()
    const suites = own.id === 'debian' ? DEBIAN : [own.codename]
    const apt = openApt(suites, own)
    const libraries = fetchLibraries(apt)
    for (const suite of suites) fetchSuite(suite, apt, libraries)
    rmSync(join(FOLDER, 'apt'), { recursive: true })
    return undefined
  } catch (error) {
    const reason = `${error instanceof Error ? error.message.split('\n')[0] : String(error)}`
    writeFileSync(TRIED, String(Date.now()))
    writeFileSync(join(FOLDER, 'reason'), reason)
    return readReason()
  }
}

function readReason() {
  return `The table of first boots does not run: cloud-init's Python cannot be had here (${readFileSync(join(FOLDER, 'reason'), 'utf8')})`
}

function ownSuite() {
  const words = Object.fromEntries(
    readFileSync('/etc/os-release', 'utf8')
      .split('\n')
      .map((line) => line.split('=').map((word) => word.replaceAll('"', ''))),
  )
  return { id: words.ID, codename: words.VERSION_CODENAME }
}

/** Options for apt with separate package lists, so that it needs no root and knows a second release. */
function openApt(suites, own) {
  const folder = join(FOLDER, 'apt')
  for (const name of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(folder, name), { recursive: true })
  const format = '$(REPO_URI) $(CODENAME) $(COMPONENT)'
  const targets = run('apt-get', ['indextargets', '--format', format, 'Created-By: Packages']).split('\n')
  const [uri] = targets.find((line) => line.split(' ')[1] === own.codename)?.split(' ') ?? []
  if (uri === undefined) throw new Error('apt has no lists: run `apt-get update` as root')
  const options = [
    'Debug::NoLocking=1',
    'Acquire::http::Timeout=20',
    'Acquire::Retries=1',
    `Dir::State::Lists=${folder}/lists`,
    `Dir::Cache=${folder}/cache`,
  ]
  if (own.id === 'debian') {
    const lines = suites.map((suite) => `deb [signed-by=${KEYRING}] ${uri} ${suite} main`)
    writeFileSync(join(folder, 'sources.list'), `${lines.join('\n')}\n`)
    options.push(`Dir::Etc::SourceList=${folder}/sources.list`, 'Dir::Etc::SourceParts=/dev/null')
  }
  if (process.getuid?.() === 0) options.push('APT::Sandbox::User=root')
  // The other release is only for reading. Dependencies come from the system's own release.
  options.push(`APT::Default-Release=${own.codename}`)
  const apt = options.flatMap((option) => ['-o', option])
  run('apt-get', [...apt, 'update', '-qq'])
  return apt
}

/** Downloads missing Python libraries from this system's release, because they contain compiled code. */
function fetchLibraries(apt) {
  const wanted = run('apt-get', [...apt, 'install', '--print-uris', '-qq', '--no-install-recommends', 'cloud-init'])
  const names = Array.from(wanted.matchAll(/ (python3-[a-z0-9.+-]+)_\S+\.deb /g), ([, name]) => name)
  const folder = join(FOLDER, 'libraries')
  unpack(names, apt, folder)
  return folder
}

/** The value for PYTHONPATH is `.cache/cloud-init/SUITE/path`. */
function fetchSuite(suite, apt, libraries) {
  const folder = join(FOLDER, suite)
  unpack([`cloud-init/${suite}`], apt, folder)
  const modules = [folder, libraries].map((root) => join(root, 'usr/lib/python3/dist-packages'))
  writeFileSync(join(folder, 'path'), modules.join(':'))
}

function unpack(names, apt, folder) {
  rmSync(folder, { recursive: true, force: true })
  const downloads = join(folder, 'packages')
  mkdirSync(downloads, { recursive: true })
  if (names.length === 0) return
  run('apt-get', [...apt, '-qq', 'download', ...names], downloads)
  for (const file of readdirSync(downloads)) run('dpkg-deb', ['-x', join(downloads, file), folder])
  rmSync(downloads, { recursive: true })
}

function run(program, args, cwd) {
  return execFileSync(program, args, { encoding: 'utf8', cwd, stdio: ['ignore', 'pipe', 'pipe'], timeout: 180_000 })
}
