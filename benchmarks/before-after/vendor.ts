// What the vendor publishes: six images and their checksum document. One image has two builds.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { BenchmarkImage } from '../support/make-images.ts'
import { startVendor } from '../support/vendor-server.ts'

export interface Publisher {
  /** Address of the folder, without a limit. */
  readonly fast: string
  /** The same with 12 MiB/s for each connection. */
  readonly limited: string
  readonly images: readonly PublishedImage[]
  publish(build: Build): void
  stop(): Promise<void>
}

/** `next` has other bytes for the first image. */
export type Build = 'today' | 'next'

export interface PublishedImage {
  /** `image-1`, published as `image-1.qcow2`. */
  readonly name: string
  readonly bytes: number
  /** Returns the file of a build. */
  path(build: Build): string
}

export const LIMIT_MIB = 12
const A_DAY_AGO = new Date(Date.now() - 86_400_000)

/** @param folder a separate folder, for links */
export async function startPublisher(folder: string, made: readonly BenchmarkImage[]): Promise<Publisher> {
  const [first, ...others] = made
  if (first === undefined) throw new Error('no images')
  const builds = { today: made, next: [nextOf(first), ...others] }
  lay(join(folder, 'today'), builds.today, A_DAY_AGO)
  lay(join(folder, 'next'), builds.next, new Date())
  const publish = (build: Build) => {
    rmSync(join(folder, 'current.new'), { force: true })
    symlinkSync(build, join(folder, 'current.new'))
    renameSync(join(folder, 'current.new'), join(folder, 'current'))
  }
  publish('today')
  const server = await startVendor(folder, LIMIT_MIB)
  return {
    fast: `${server.fast}/current`,
    limited: `${server.limited}/current`,
    images: made.map(({ name, bytes }) => ({
      name: name.replace('.qcow2', ''),
      bytes,
      path: (build) => join(folder, build, name),
    })),
    publish,
    stop: () => server.stop(),
  }
}

/** The same disk with one different block, created once. */
function nextOf({ name, path }: BenchmarkImage): BenchmarkImage {
  const next = path.replace('.qcow2', '-next.qcow2')
  if (!existsSync(next)) {
    copyFileSync(path, `${next}.part`)
    execFileSync('qemu-io', ['-f', 'qcow2', '-c', 'write -P 7 0 64k', `${next}.part`])
    renameSync(`${next}.part`, next)
  }
  const bytes = readFileSync(next)
  return { name, path: next, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }
}

/** Both documents have the same length, so only their age changes their ETags. */
function lay(folder: string, images: readonly BenchmarkImage[], at: Date): void {
  mkdirSync(folder, { recursive: true })
  for (const { name, path } of images) symlinkSync(path, join(folder, name))
  const sums = join(folder, 'SHA256SUMS')
  writeFileSync(sums, images.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join(''))
  utimesSync(sums, at, at)
}
