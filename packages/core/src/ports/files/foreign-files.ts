// Reads files whose names come from users or manifests. It accepts only regular files of limited size and never blocks.
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  statfsSync,
  statSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { identityOf } from './file-identity.ts'

/** Settings for `createForeignFiles`. */
export interface ForeignFilesSettings {
  /** Base folder for relative names of manifests. */
  readonly folder: string
  /** Files must be inside this folder after links are resolved. Default: no restriction. */
  readonly root?: string | undefined
  /** Reads standard input, for the name `-`. */
  readonly readInput?: (() => Uint8Array) | undefined
}

export interface NamedBytes {
  readonly file: string
  readonly text: Uint8Array
  /**
   * The name of the manifest in markers, equal for all copies of it. Absent if it is not a lasting file, such as
   * standard input.
   */
  readonly identity?: string
  /** True if the caller named the folder, not this file. */
  readonly isFromFolder?: boolean
}

/** Reads the files that a user or a manifest names. Refuses devices, pipes, and files outside `root`. */
export interface ForeignFiles {
  /**
   * Reads the named manifests. A folder stands for its `.yaml` and `.yml` files, sorted by name; `-` is standard input.
   * Without a `root`, a name may also be a pipe, such as a shell's `<(…)`.
   */
  manifests(names: readonly string[]): NamedBytes[]
  /** Reads a file that a manifest names, relative to that manifest. */
  readFile(path: string, from: string): Uint8Array
  /** Returns the absolute path of a file that a manifest names. The file need not exist. */
  resolveFile(path: string, from: string): string
}

/** Larger files are refused: manifests, keys and documents are smaller. */
export const LARGEST_FILE_BYTES = 16 * 1024 ** 2

/** The file name that problems show for `-`. */
const INPUT = '<stdin>'

/**
 * Creates functions that read the files a user or a manifest names. Each throws an `Error` whose message continues after
 * the name of the file: `is not a regular file`.
 */
export function createForeignFiles({ folder, root, readInput }: ForeignFilesSettings): ForeignFiles {
  const absolute = (path: string, from?: string) => {
    const base = from === undefined || from === INPUT ? folder : dirname(resolve(folder, from))
    return resolve(base, withHome(path))
  }
  const read = (path: string): Uint8Array => readRegularFile(path, root)
  return {
    manifests: (names) =>
      names.flatMap((name) => {
        if (name === '-' && readInput !== undefined) return [{ file: INPUT, text: readInput() }]
        const path = absolute(name)
        if (root === undefined && statSync(path).isFIFO()) return [{ file: name, text: readPipe(path) }]
        const isFromFolder = statSync(path).isDirectory()
        return filesBehind(name, path).map((found) => {
          const text = read(found.path)
          return { file: found.file, text, identity: identityOf(found.path), isFromFolder }
        })
      }),
    readFile: (path, from) => read(absolute(path, from)),
    resolveFile: (path, from) => {
      const whole = absolute(path, from)
      const real = realPathOf(whole)
      if (root !== undefined) refuseOutside(real, root)
      if (existsSync(real)) refuseKernelFiles(real)
      return whole
    },
  }
}

/** Expands `~` at the start of a path to the home directory. Shells do that, but the file system does not. */
function withHome(path: string): string {
  return path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : path
}

interface Found {
  readonly file: string
  readonly path: string
}

function filesBehind(file: string, path: string): readonly Found[] {
  if (!statSync(path).isDirectory()) return [{ file, path }]
  const names = readdirSync(path)
    .filter((name) => /^[^.].*\.ya?ml$/.test(name))
    .sort()
  if (names.length === 0) throw new Error('is a folder without a .yaml file')
  return names.map((name) => ({ file: join(file, name), path: join(path, name) }))
}

/** @throws Error with a clause as its message, or a file system error with a code */
function readRegularFile(path: string, root: string | undefined): Uint8Array {
  const real = realpathSync(path)
  if (root !== undefined) refuseOutside(real, root)
  refuseKernelFiles(real)
  // Without O_NONBLOCK, opening a pipe waits until a process opens it for writing.
  const handle = openSync(real, constants.O_RDONLY | constants.O_NONBLOCK | (constants.O_NOFOLLOW ?? 0))
  try {
    const status = fstatSync(handle)
    if (status.isDirectory()) throw new Error('is a folder')
    if (!status.isFile()) throw new Error('is not a regular file, but a pipe, a socket or a device')
    if (status.size > LARGEST_FILE_BYTES) throw tooLarge()
    return readWhole(handle)
  } finally {
    closeSync(handle)
  }
}

/** Reads a pipe to its end. Blocks until the writer is done. */
function readPipe(path: string): Uint8Array {
  const handle = openSync(path, constants.O_RDONLY)
  try {
    return readWhole(handle)
  } finally {
    closeSync(handle)
  }
}

function readWhole(handle: number): Uint8Array {
  const chunks: Buffer[] = []
  let total = 0
  for (;;) {
    const chunk = Buffer.alloc(64 * 1024)
    const bytes = readSync(handle, chunk)
    if (bytes === 0) return Buffer.concat(chunks)
    total += bytes
    if (total > LARGEST_FILE_BYTES) throw tooLarge()
    chunks.push(chunk.subarray(0, bytes))
  }
}

function tooLarge(): Error {
  return new Error(`is larger than ${LARGEST_FILE_BYTES / 1024 ** 2} MiB`)
}

function refuseOutside(real: string, root: string): void {
  const inside = relative(realpathSync(root), real)
  if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) throw new Error(`is outside ${root}`)
  // `actions/checkout` may store its token there.
  if (inside.split(sep).includes('.git')) throw new Error('belongs to Git, which may keep a token there')
}

/** Resolves links in the part of the path that exists and appends the rest. */
function realPathOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    const parent = dirname(path)
    return parent === path ? path : join(realPathOf(parent), path.slice(parent.length))
  }
}

/** proc, sysfs, debugfs, tracefs, securityfs, efivarfs, cgroup, cgroup2, configfs (Linux, `magic.h`). */
const KERNEL = new Set([
  0x9fa0, 0x62656572, 0x64626720, 0x74726163, 0x73636673, 0xde5e81e4, 0x27e0eb, 0x63677270, 0x62656570,
])

/**
 * Refuses files of the kernel, which look like regular files: `/proc/self/environ` contains the secrets of this
 * process.
 */
function refuseKernelFiles(real: string): void {
  const isKernel = /^\/(proc|sys|dev)\//.test(real) || KERNEL.has(statfsSync(real).type)
  if (isKernel) throw new Error('is generated by the kernel')
}
