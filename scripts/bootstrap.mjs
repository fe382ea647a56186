// Prepares a fresh clone, then runs the requested task. It supports every Node since 20, because nothing is installed
// yet.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fetchCloudInit } from './cloud-init.mjs'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const STAMP = join(ROOT, 'node_modules', '.lock-digest')

/** Programs that tests and the quickstart need, with Debian's package and the reason. */
const PROGRAMS = [
  { program: 'qemu-img', package: 'qemu-utils', why: 'creates, checks and converts disk images' },
  { program: 'mkfs.ext4', package: 'e2fsprogs', why: 'creates the file systems in the images' },
  { program: 'xz', package: 'xz-utils', why: 'compresses images' },
  { program: 'zstd', package: 'zstd', why: 'compresses images and caches' },
  { program: 'bzip2', package: 'bzip2', why: 'compresses images' },
  { program: 'cmark-gfm', package: 'cmark-gfm', why: 'shows the Markdown of the action as GitHub does' },
]

/**
 * What a task needs of them. The others need all. pve-provision itself needs none: it names a missing program if an
 * image has to be converted.
 */
const NEEDED = { 'pve-provision': [], 'pve-simulator': ['qemu-img'], quickstart: ['qemu-img', 'mkfs.ext4', 'xz'] }

/**
 * Most tests wait for a server, a task or a program. With Vitest's default, one worker less than processors, the
 * processors would be idle, and beside other work the tests would get a small part of them.
 */
const WORKERS = Math.max(6, availableParallelism() + 2)

const TASKS = {
  quickstart: [
    ['npm', 'run', '--silent', 'build'],
    ['node', 'scripts/quickstart/quickstart.ts'],
  ],
  test: [
    ['npm', 'run', '--silent', 'build'],
    [
      'node',
      'node_modules/vitest/vitest.mjs',
      'run',
      `--maxWorkers=${WORKERS}`,
      '--reporter=default',
      '--reporter=json',
      '--outputFile.json=.cache/tests.json',
    ],
  ],
  setup: [],
  'pve-provision': [
    ['npm', 'run', '--silent', 'build'],
    ['node', 'packages/cli/dist/main.js'],
  ],
  'pve-simulator': [
    ['npm', 'run', '--silent', 'build'],
    ['node', 'packages/simulator/dist/main.js'],
  ],
}

/**
 * Tasks that run one of our programs: only its own output is printed, and paths are relative to the caller's folder.
 */
const PROGRAMS_OF_OURS = ['pve-provision', 'pve-simulator']

main(process.argv[2] ?? 'setup', process.argv.slice(3))

function main(task, rest) {
  const commands = TASKS[task]
  if (commands === undefined) stop(`There is no task "${task}".`)
  if (Number(process.versions.node.split('.')[0]) < 20)
    stop(`Node 20 or later is needed; this is ${process.versions.node}.`)
  installPackages()
  installPrograms(PROGRAMS.filter(({ program }) => NEEDED[task]?.includes(program) ?? true))
  mkdirSync(join(ROOT, '.cache'), { recursive: true })
  if (task === 'test') say(fetchCloudInit() ?? 'The table of first boots is judged by cloud-init itself')
  if (PROGRAMS_OF_OURS.includes(task)) return runProgram(commands, rest)
  for (const [index, [command, ...args]] of commands.entries()) {
    run(command, index === commands.length - 1 ? [...args, ...rest] : args)
  }
}

function runProgram([build, [node, program]], rest) {
  const built = spawnSync(build[0], build.slice(1), { cwd: ROOT, env: environment(), encoding: 'utf8' })
  if (built.status !== 0) stop(`${built.stdout}${built.stderr}`)
  const cwd = process.env.INIT_CWD ?? process.cwd()
  const child = spawn(node, [join(ROOT, program), ...rest], { cwd, stdio: 'inherit', env: environment() })
  // Ctrl-C in a terminal reaches both processes. A signal to this process alone is passed on.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  child.on('exit', (code) => {
    process.exitCode = code ?? 1
  })
}

/** Installs npm packages from the lock file, once for each version of it. */
function installPackages() {
  const digest = createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex')
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === digest) return
  say('Installing npm packages by the lock file (about 630 MB, once)')
  run('npm', ['ci', '--no-audit', '--no-fund'])
  linkNode()
  writeFileSync(STAMP, digest)
}

/**
 * npm 9 does not link the program of an optional platform package, npm 11 does. Without it, the system's Node is used.
 */
function linkNode() {
  const program = join(ROOT, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node')
  const link = join(ROOT, 'node_modules', '.bin', 'node')
  if (existsSync(program) && !existsSync(link)) symlinkSync(relative(dirname(link), program), link)
}

/** Installs missing programs with the distribution's package manager, if that is allowed. */
function installPrograms(needed) {
  const missing = needed.filter(({ program }) => !onPath(program))
  if (missing.length === 0) return
  const names = missing.map((entry) => entry.package).join(' ')
  const reasons = missing.map(({ program, why }) => `${program} (${why})`).join(', ')
  const lacking = missing.length === 1 ? 'is missing' : 'are missing'
  const prefix = privilege()
  if (prefix === undefined)
    stop(
      `Install ${names} as root, then run this again: ${reasons} ${lacking}, and this script may not use apt-get here.`,
    )
  say(`Installing ${names}: ${reasons} ${lacking}`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  run(...prefix, 'apt-get', ['update', '-qq'], { env })
  run(
    ...prefix,
    'apt-get',
    ['install', '-y', '-qq', '--no-install-recommends', ...missing.map((entry) => entry.package)],
    { env },
  )
}

/** Returns an empty prefix for root, `sudo` for others, or undefined if packages cannot be installed. */
function privilege() {
  if (!onPath('apt-get')) return undefined
  if (process.getuid?.() === 0) return []
  if (!onPath('sudo')) return undefined
  // Without a terminal for the password, `sudo` must work without one.
  return process.stdin.isTTY || spawnSync('sudo', ['-n', 'true']).status === 0 ? ['sudo'] : undefined
}

function onPath(program) {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin']
  return folders.some((folder) => existsSync(join(folder, program)))
}

function run(...parts) {
  const options = typeof parts.at(-1) === 'object' && !Array.isArray(parts.at(-1)) ? parts.pop() : {}
  const args = parts.pop()
  const [command, ...before] = parts
  const { status, signal, error } = spawnSync(command, [...before, ...args], {
    cwd: ROOT,
    stdio: 'inherit',
    env: environment(),
    ...options,
  })
  if (error) stop(`${command} could not be run: ${error.message}`)
  if (status !== 0) process.exit(status ?? (signal === 'SIGINT' ? 130 : 1))
}

/** Puts the tools of this repository first on PATH, so that `node` is the version in the lock file. */
function environment() {
  const path = [join(ROOT, 'node_modules', '.bin'), process.env.PATH, '/usr/sbin', '/sbin'].join(':')
  return { ...process.env, PATH: path, TURBO_TELEMETRY_DISABLED: '1' }
}

function say(sentence) {
  process.stderr.write(`▸ ${sentence}\n`)
}

function stop(sentence) {
  process.stderr.write(`${sentence}\n`)
  process.exit(1)
}
