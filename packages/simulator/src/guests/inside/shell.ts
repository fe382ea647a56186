// The shell of a simulated guest. A few commands have an effect, those in `failing` fail, and all others simply
// succeed.
import type { GuestDisk } from '../../state/boot.ts'
import { isFolder, makeFolder } from './folders.ts'

/** The output as bytes, one in each character. */
export interface Ended {
  readonly out: string
  readonly err: string
  readonly code: number
}

export interface ShellContext {
  readonly disk: GuestDisk
  /** Texts that make a command fail. */
  readonly failing: readonly string[]
  /** The answer of `cloud-init status`. Undefined without cloud-init. */
  readonly cloudInitStatus: (asJson: boolean) => Ended | undefined
  readonly power: (action: 'poweroff' | 'reboot') => void
  readonly hasAgent: boolean
  /** `systemctl restart qemu-guest-agent` */
  readonly restartAgent: () => void
  /** Runs a background script (`setsid … &`) once cloud-init has finished. */
  readonly background: (script: string) => void
}

/** Statements are separated by `;`, `&&`, `||` and newlines. */
export function runShell(context: ShellContext, script: string): Ended {
  let [out, err, code] = ['', '', 0]
  for (const [, operator = '', text = ''] of statementsOf(script)) {
    if ((operator === '&&' && code !== 0) || (operator === '||' && code === 0)) continue
    const exit = /^exit(?: (\d+))?$/.exec(text)
    if (exit !== null) return { out, err, code: Number(exit[1] ?? code) }
    const ended = runStatement(context, text.replaceAll('$?', String(code)))
    out += ended.out
    err += ended.err
    code = ended.code
  }
  return { out, err, code }
}

/** Matches a final `&` that is not part of `&&` or `2>&1`. */
const leftToItself = /^(?:setsid |nohup )?(.*[^&>])&$/s

function statementsOf(script: string): readonly RegExpMatchArray[] {
  const lines = script.split('\n').filter((line) => !/^\s*#/.test(line))
  const found = lines.join('\n').matchAll(/(&&|\|\||[;\n]|^)((?:"[^"]*"|'[^']*'|(?!&&|\|\|)[^;\n"'])*)/g)
  return [...found]
    .map((match) => {
      match[2] = (match[2] ?? '').trim()
      return match
    })
    .filter((match) => match[2] !== '')
}

const success: Ended = { out: '', err: '', code: 0 }

function runStatement(context: ShellContext, text: string): Ended {
  const failing = context.failing.find((part) => text.includes(part))
  if (failing !== undefined) return { out: '', err: `${text}: failed\n`, code: 1 }
  const [, job] = leftToItself.exec(text) ?? []
  if (job !== undefined) {
    context.background(job.trim())
    return success
  }
  const isJoined = /\s2>&1$/.test(text)
  const plain = text.replace(/\s2>&1$/, '')
  const [, command = plain, arrow, target] = /^(.*?)\s*(>>?)\s*("[^"]+"|'[^']+'|\S+)$/s.exec(plain) ?? []
  const told = runWords(context, wordsOf(command))
  const ended = isJoined ? { ...told, out: told.out + told.err, err: '' } : told
  if (arrow === undefined || target === undefined) return ended
  if (target === '&2') return { ...ended, out: '', err: ended.err + ended.out }
  const file = unquoted(target)
  const before = arrow === '>>' ? (context.disk.files[file] ?? '') : ''
  if (file !== '/dev/null') context.disk.files[file] = before + ended.out
  return { ...ended, out: '' }
}

function wordsOf(text: string): readonly string[] {
  return (text.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? []).map(unquoted)
}

const unquoted = (word: string): string => word.replace(/"([^"]*)"|'([^']*)'/g, (_, one, other) => String(one ?? other))

/** The name of a program without its path. */
export const programName = (path: string): string => path.replace(/^.*\//, '')

export function runWords(context: ShellContext, [first = '', ...args]: readonly string[]): Ended {
  const program = programName(first)
  return Object.hasOwn(programs, program) ? (programs[program]?.(context, args) ?? success) : success
}

export const isProgram = (name: string): boolean => Object.hasOwn(programs, programName(name))

type Program = (context: ShellContext, args: readonly string[]) => Ended

const notEmpty = ({ files }: GuestDisk, path: string): boolean => (files[path] ?? '') !== ''

const said = (out: string): Ended => ({ ...success, out })
const failed = (err: string, code = 1): Ended => ({ out: '', err, code })

function cat({ disk }: ShellContext, args: readonly string[]): Ended {
  const missing = args.find((file) => disk.files[file] === undefined)
  if (missing !== undefined) return failed(`cat: ${missing}: No such file or directory\n`)
  return said(args.map((file) => disk.files[file]).join(''))
}

function test({ disk }: ShellContext, args: readonly string[]): Ended {
  const words = args.filter((word) => word !== ']')
  const isNegated = words[0] === '!'
  const [operator, operand = ''] = isNegated ? words.slice(1) : words
  const isFile = disk.files[operand] !== undefined
  const found = {
    '-e': isFile || isFolder(disk, operand),
    '-f': isFile,
    '-s': notEmpty(disk, operand),
    '-d': isFolder(disk, operand),
  }
  const isThere = found[operator as keyof typeof found] ?? false
  return isThere === isNegated ? failed('') : success
}

function tail({ disk }: ShellContext, args: readonly string[]): Ended {
  const file = args.at(-1) ?? ''
  const text = disk.files[file]
  if (text === undefined) return failed(`tail: cannot open '${file}' for reading: No such file or directory\n`)
  const count = Number(args[args.indexOf('-n') + 1])
  const lines = text.replace(/\n$/, '').split('\n')
  return said(text === '' ? '' : `${lines.slice(-count).join('\n')}\n`)
}

/** `grep -q PATTERN FILE`: succeeds if a line matches, or with `-v` if one does not. */
function grep({ disk }: ShellContext, args: readonly string[]): Ended {
  const [pattern = '', file = ''] = args.filter((word) => !word.startsWith('-'))
  const text = disk.files[file]
  if (text === undefined) return failed(`grep: ${file}: No such file or directory\n`, 2)
  const isInverted = args.some((word) => /^-\w*v/.test(word))
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n')
  const found = lines.filter((line) => new RegExp(pattern).test(line) !== isInverted)
  return {
    out: args.includes('-q') ? '' : found.map((line) => `${line}\n`).join(''),
    err: '',
    code: found.length > 0 ? 0 : 1,
  }
}

function touch({ disk }: ShellContext, args: readonly string[]): Ended {
  for (const file of args.filter((word) => !word.startsWith('-'))) disk.files[file] ??= ''
  return success
}

function remove({ disk }: ShellContext, args: readonly string[]): Ended {
  const gone = args.filter((word) => !word.startsWith('-')).map(patternOf)
  const isGone = (file: string): boolean => gone.some((pattern) => pattern.test(file))
  disk.files = Object.fromEntries(Object.entries(disk.files).filter(([file]) => !isGone(file)))
  disk.folders = disk.folders?.filter((folder) => !isGone(folder)) ?? []
  return success
}

/** Returns a pattern for a path and everything below it. `*` stands for a part of a name. */
function patternOf(path: string): RegExp {
  const name = path
    .replace(/\/$/, '')
    .replace(/[\\^$.+?()[\]{}|]/g, '\\$&')
    .replaceAll('*', '[^/]*')
  return new RegExp(`^${name}(?:/|$)`)
}

function makeFolders({ disk }: ShellContext, args: readonly string[]): Ended {
  for (const path of args.filter((word) => word.startsWith('/'))) makeFolder(disk, path)
  return success
}

function truncate(context: ShellContext, args: readonly string[]): Ended {
  for (const file of args.filter((word) => word.startsWith('/'))) context.disk.files[file] = ''
  return success
}

function install({ disk, failing }: ShellContext, args: readonly string[]): Ended {
  const [verb, ...rest] = args.filter((word) => !word.startsWith('-'))
  if (!/^(?:install|add|-S)$/.test(verb ?? '')) return success
  const broken = rest.find((name) => failing.some((part) => name.includes(part)))
  if (broken !== undefined) return failed(`E: Unable to locate package ${broken}\n`, 100)
  disk.packages = [...new Set([...disk.packages, ...rest])]
  return success
}

function cloudInit(context: ShellContext, args: readonly string[]): Ended {
  const status = context.cloudInitStatus(args.includes('json') || args.includes('--format=json'))
  if (status === undefined) return failed('sh: 1: cloud-init: not found\n', 127)
  if (args[0] === 'clean') {
    context.disk.instanceId = undefined
    remove(context, ['/var/lib/cloud'])
  }
  return args[0] === 'status' ? status : success
}

/** `which` and `command -v`: where a program is. */
function which(context: ShellContext, args: readonly string[]): Ended {
  const name = args.find((word) => !word.startsWith('-')) ?? ''
  const isAgent = name === 'qemu-ga' && (context.hasAgent || context.disk.packages.includes('qemu-guest-agent'))
  const isThere =
    isAgent || (isProgram(name) && (name !== 'cloud-init' || context.cloudInitStatus(false) !== undefined))
  return isThere ? said(`/usr/bin/${name}\n`) : failed('')
}

/** `sh -c TEXT`, or `sh FILE`. */
const shell: Program = (context, args) => {
  const operand = args.find((word) => !word.startsWith('-')) ?? ''
  if (args.includes('-c')) return runShell(context, operand)
  const script = context.disk.files[operand]
  return script === undefined ? failed(`sh: 0: cannot open ${operand}: No such file\n`, 2) : runShell(context, script)
}

function power(action: 'poweroff' | 'reboot'): Program {
  return (context, args) => {
    context.power(args.includes('-r') || args.includes('--reboot') ? 'reboot' : action)
    return success
  }
}

const programs: Readonly<Record<string, Program>> = {
  true: () => success,
  false: () => failed(''),
  echo: (_, args) => said(`${args.filter((word) => word !== '-n').join(' ')}${args[0] === '-n' ? '' : '\n'}`),
  printf: (_, args) => said((args[0] ?? '').replaceAll('\\n', '\n')),
  ls: () => success,
  cat,
  tail,
  grep,
  test,
  '[': test,
  touch,
  rm: remove,
  mkdir: makeFolders,
  truncate,
  hostname: ({ disk }) => said(`${disk.hostName ?? 'localhost'}\n`),
  'cloud-init': cloudInit,
  systemctl: (context, [verb, unit = '']) => {
    if (verb === 'poweroff' || verb === 'reboot') context.power(verb)
    if (verb === 'restart' && /^qemu-guest-agent(?:\.service)?$/.test(unit)) context.restartAgent()
    return success
  },
  which,
  command: which,
  'apt-get': install,
  apt: install,
  dnf: install,
  yum: install,
  apk: install,
  sh: shell,
  bash: shell,
  dash: shell,
  poweroff: power('poweroff'),
  halt: power('poweroff'),
  shutdown: power('poweroff'),
  reboot: power('reboot'),
  sync: () => success,
  sleep: () => success,
}
