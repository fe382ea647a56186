// Files that somebody else names: a manifest, and what a manifest names. Regular ones only, of bounded size, never blocking.
import {
  closeSync,
  constants,
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

export interface ForeignFilesSettings {
  /** Where relative names of manifests begin. */
  readonly folder: string
  /** Files must lie in this folder, links resolved; absent: anywhere. */
  readonly root?: string | undefined
  /** The bytes of standard input, for the name `-`. */
  readonly readInput?: (() => Uint8Array) | undefined
}

export interface NamedBytes {
  readonly file: string
  readonly text: Uint8Array
  /** What it is called wherever there is a copy of it; absent: it is no file that lasts, such as standard input. */
  readonly identity?: string
  /** It was not named itself, but the folder that it is in. */
  readonly isFromFolder?: boolean
}

export interface ForeignFiles {
  /**
   * The manifests behind names: a folder stands for the `.yaml` and `.yml` files in it, by name; `-` for standard input.
   * Without a `root`, the name may be a pipe, as a shell's `<(…)` is.
   */
  manifests(names: readonly string[]): NamedBytes[]
  /** The bytes of a file that a manifest names, relative to that manifest. */
  readFile(path: string, from: string): Uint8Array
  /** The whole path of a file that a manifest names; it need not be there. */
  resolveFile(path: string, from: string): string
}

/** Larger files are no manifests, keys or documents. */
export const LARGEST_FILE_BYTES = 16 * 1024 ** 2

/** What `-` is called in problems. */
const INPUT = '<stdin>'

/** All functions throw an `Error` whose message goes on from the file's name: `is no regular file`. */
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
      if (root !== undefined) refuseOutside(realPathOf(whole), root)
      return whole
    },
  }
}

/** `~` alone or before a slash is the user's home; shells know it, files do not. */
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

/** @throws Error with a clause, or that of the file system with its code */
function readRegularFile(path: string, root: string | undefined): Uint8Array {
  const real = realpathSync(path)
  if (root !== undefined) refuseOutside(real, root)
  refuseKernelFiles(real)
  // Without O_NONBLOCK, opening a pipe would wait for somebody to write into it.
  const handle = openSync(real, constants.O_RDONLY | constants.O_NONBLOCK | (constants.O_NOFOLLOW ?? 0))
  try {
    const status = fstatSync(handle)
    if (status.isDirectory()) throw new Error('is a folder')
    if (!status.isFile()) throw new Error('is no regular file, but a pipe, a socket or a device')
    if (status.size > LARGEST_FILE_BYTES) throw tooLarge()
    return readWhole(handle)
  } finally {
    closeSync(handle)
  }
}

/** Waits for the one that writes into it. */
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
}

/** The real path of the nearest part that is there, with the rest behind it. */
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

/** What the kernel shows there counts as a regular file: `/proc/self/environ` holds the secrets of this process. */
function refuseKernelFiles(real: string): void {
  const isKernel = /^\/(proc|sys|dev)\//.test(real) || KERNEL.has(statfsSync(real).type)
  if (isKernel) throw new Error('is no file of yours, but one of the kernel')
}
