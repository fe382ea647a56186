// All vendors in one server on loopback: every address of an image or its checksums on a page serves bytes of that
// kind.

import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { parse } from 'yaml'
import { startVendor, type Vendor } from './vendor.ts'

export interface AnyVendor {
  /** Publishes the images of these manifests. Returns the local address for each original one. */
  publish(manifests: readonly string[]): Promise<ReadonlyMap<string, string>>
  /** Restores all images to their first build. */
  begin(): void
  /** Writes an image to a file. */
  copyImage(path: string): Promise<void>
  /** From now on, each image is a newer build. */
  moveOn(): void
  close(): Promise<void>
}

interface Named {
  readonly url: string
  readonly checksum: string
  readonly fileName: string
  readonly mirrors: readonly string[]
}

export async function startAnyVendor(): Promise<AnyVendor> {
  const vendor = await startVendor()
  const bytes = new Map<string, Buffer>()
  for (const name of ['fast.qcow2', 'packed.img', 'slow.raw.xz'])
    bytes.set(name, await readFile(join(vendor.folder, name)))
  let images: readonly Named[] = []
  let isMovedOn = false
  const bytesOf = (name: string): Buffer => {
    if (name.endsWith('.xz')) return bytes.get('slow.raw.xz') ?? Buffer.of()
    const other = name.endsWith('.img') !== isMovedOn
    return bytes.get(other ? 'packed.img' : 'fast.qcow2') ?? Buffer.of()
  }
  return {
    async publish(manifests) {
      const named = manifests.flatMap(imagesIn)
      images = [...images, ...named]
      for (const { url } of named) answerWith(vendor, url, () => bytesOf(basename(new URL(url).pathname)))
      for (const { checksum } of named.filter(isListed))
        answerWith(vendor, checksum, () => Buffer.from(documentOf(images, checksum, bytesOf)))
      const folders = new Set(
        named
          .flatMap((image) => [image.url, ...(isListed(image) ? [image.checksum] : []), ...image.mirrors])
          .map(folderOf),
      )
      return new Map([...folders].map((folder) => [folder, hereOf(folder, vendor)]))
    },
    begin() {
      isMovedOn = false
    },
    copyImage: (path) => writeFile(path, bytesOf('image.qcow2')),
    moveOn() {
      isMovedOn = true
    },
    close: () => vendor.close(),
  }
}

/** It only has to be unique, because output is translated back. */
function hashOf(folder: string): string {
  return createHash('sha256').update(folder).digest('hex').slice(0, 12)
}

/** Returns the address up to its last slash, including user and password. */
function folderOf(address: string): string {
  return address.slice(0, address.lastIndexOf('/'))
}

/** Returns the same address on loopback, with user and password. */
function hereOf(folder: string, vendor: Vendor): string {
  const [, login = ''] = /^https?:\/\/([^/]*@)/.exec(folder) ?? []
  return `${vendor.url.replace('//', `//${login}`)}/${hashOf(folder)}`
}

function imagesIn(text: string): readonly Named[] {
  const { images = {} } = (parse(text) ?? {}) as { readonly images?: Readonly<Record<string, Partial<Named>>> }
  return Object.values(images).flatMap(({ url, checksum = '', fileName, mirrors = [] }) => {
    if (url === undefined || !/^https?:/.test(url)) return []
    return [{ url, checksum, mirrors, fileName: fileName ?? basename(new URL(url).pathname) }]
  })
}

/** True if a checksum document has its digest. Otherwise the manifest has it. */
function isListed({ checksum }: Named): boolean {
  return /^https?:/.test(checksum)
}

function documentOf(images: readonly Named[], checksum: string, bytesOf: (name: string) => Buffer): string {
  const algorithm = /512/.test(checksum) ? 'sha512' : 'sha256'
  return (
    images
      // Addresses are distinguished by their last part.
      .filter((image) => basename(image.checksum) === basename(checksum))
      .map(({ url, fileName }) => {
        const body = bytesOf(basename(new URL(url).pathname))
        return `${createHash(algorithm).update(body).digest('hex')}  ${fileName}\n`
      })
      .join('')
  )
}

function answerWith(vendor: Vendor, address: string, body: () => Buffer): void {
  vendor.answer(basename(new URL(address).pathname), ({ method }, response) => {
    const bytes = body()
    response.writeHead(200, { 'content-length': bytes.length, etag: `"${bytes.length}"` })
    response.end(method === 'HEAD' ? undefined : bytes)
  })
}
