// The store in real folders, with processes that die, disks that refuse writes, and damaged files.
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/ports/clock.ts'
import { createStore } from '../../../src/ports/store/store.ts'
import type { BlobKey, Store } from '../../../src/ports/world.ts'
import { sha256Of, someBytes } from '../../support/file-server.ts'

const BYTES = someBytes(10_000)
const KEY = sha256Of(BYTES)

async function storeFixture() {
  const folder = await mkdtemp(join(tmpdir(), 'pve-provision-store-'))
  const directory = join(folder, 'cache')
  const open = (): Store => createStore({ directory, clock: systemClock })
  return {
    directory,
    open,
    store: open(),
    temporaries: () => readdir(join(directory, 'v1/temporary')),
    blobs: () => readdir(join(directory, 'v1/blobs')),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}

const write = (bytes: Uint8Array) => (path: string) => writeFile(path, bytes)

describe('store', () => {
  it('does not touch the disk before it creates a blob', async () => {
    await using fixture = await storeFixture()
    expect(await fixture.store.find(KEY)).toBeUndefined()
    expect(await fixture.store.list()).toEqual([])
    await expect(stat(fixture.directory)).rejects.toThrow('ENOENT')
  })

  it('creates a blob once, finds it again in another process, and marks the folder as a cache', async () => {
    await using fixture = await storeFixture()
    const blob = await fixture.store.ensure(KEY, write(BYTES))
    expect(blob).toMatchObject({ key: KEY, bytes: BYTES.length })
    const again = await fixture.open().ensure(KEY, () => Promise.reject(new Error('made again')))
    expect(again).toEqual(blob)
    expect(Buffer.compare(await readFile(blob.path), BYTES)).toBe(0)
    expect(await fixture.temporaries()).toEqual([])
    expect(await readFile(join(fixture.directory, 'CACHEDIR.TAG'), 'utf8')).toMatch(
      /^Signature: 8a477f597d28d172789f06886806bc55/,
    )
    expect((await fixture.store.list()).map(({ key }) => key)).toEqual([KEY])
  })

  it('lets equal requests of one process share one writer', async () => {
    await using fixture = await storeFixture()
    let writers = 0
    const asked = Promise.withResolvers<void>()
    const slowly = async (path: string): Promise<void> => {
      writers += 1
      await asked.promise
      await writeFile(path, BYTES)
    }
    const both = [fixture.store.ensure(KEY, slowly), fixture.store.ensure(KEY, slowly)]
    asked.resolve()
    await Promise.all(both)
    expect(writers).toBe(1)
  })

  it('keeps two writers of two stores apart, and both end with the whole blob', async () => {
    await using fixture = await storeFixture()
    const paths: string[] = []
    const bothWrite = Promise.withResolvers<void>()
    const slowly = async (path: string): Promise<void> => {
      paths.push(path)
      await writeFile(path, BYTES.subarray(0, 5000))
      if (paths.length === 2) bothWrite.resolve()
      await bothWrite.promise
      await writeFile(path, BYTES)
    }
    const both = await Promise.all([fixture.open().ensure(KEY, slowly), fixture.open().ensure(KEY, slowly)])
    expect(new Set(paths).size).toBe(2)
    expect(both[0]).toEqual(both[1])
    expect(await fixture.blobs()).toHaveLength(1)
    expect(await fixture.temporaries()).toEqual([])
  })

  it('offers the partial file of a failed writer to the next one', async () => {
    await using fixture = await storeFixture()
    const half = async (path: string): Promise<void> => {
      await writeFile(path, BYTES.subarray(0, 5000))
      throw new Error('cut')
    }
    await expect(fixture.store.ensure(KEY, half)).rejects.toThrow('cut')
    expect(await fixture.store.find(KEY)).toBeUndefined()
    await fixture.open().ensure(KEY, async (path) => {
      expect((await stat(path)).size).toBe(5000)
      await writeFile(path, BYTES)
    })
    expect(await fixture.temporaries()).toEqual([])
  })

  it('offers the partial file of an ended process, and leaves alone that of a running one', async () => {
    await using fixture = await storeFixture()
    await fixture.store.ensure(sha256Of(Buffer.from('x')), write(Buffer.from('x')))
    const name = KEY.replace(':', '-')
    // The process with id 1 exists, but has another start time than this name says.
    let owner = ''
    await fixture.store.ensure(sha256Of(Buffer.from('y')), async (path) => {
      owner = path.split('~')[1] ?? ''
      await writeFile(path, 'y')
    })
    const [host = '', pid = '', start = ''] = owner.split('.')
    const gone = join(fixture.directory, 'v1/temporary', `${name}~${host}.1.99999999999~aaaa`)
    const alive = join(fixture.directory, 'v1/temporary', `${name}~${host}.${pid}.${start}~bbbb`)
    for (const [folder, bytes] of [
      [gone, 5000],
      [alive, 6000],
    ] as const) {
      await mkdir(folder)
      await writeFile(join(folder, 'data'), BYTES.subarray(0, bytes))
    }
    await fixture.open().ensure(KEY, async (path) => {
      expect((await stat(path)).size).toBe(5000)
      await writeFile(path, BYTES)
    })
    expect(await fixture.temporaries()).toEqual([`${name}~${host}.${pid}.${start}~bbbb`])
  })

  it('deletes a partial conversion', async () => {
    await using fixture = await storeFixture()
    const key: BlobKey = `${KEY}+raw.1`
    const half = async (path: string): Promise<void> => {
      await writeFile(path, 'half')
      throw new Error('killed')
    }
    await expect(fixture.store.ensure(key, half)).rejects.toThrow('killed')
    expect(await fixture.temporaries()).toEqual([])
    const blob = await fixture.store.ensure(key, write(BYTES))
    expect(await fixture.store.find(key)).toEqual(blob)
    expect(await fixture.store.find(KEY)).toBeUndefined()
    expect(await fixture.store.verify(key, { digest: KEY })).toBe(true)
    expect(await fixture.store.verify(key)).toBe(false)
  })

  it('takes bytes whose digest is known only at the end, and keeps nothing of a failed writer', async () => {
    await using fixture = await storeFixture()
    const received = await fixture.store.receive(async (path) => {
      await writeFile(path, BYTES)
      return KEY
    })
    expect(await fixture.store.find(KEY)).toEqual(received)
    const failing = fixture.store.receive(async (path) => {
      await writeFile(path, BYTES)
      throw new Error('cut')
    })
    await expect(failing).rejects.toThrow('cut')
    expect(await fixture.temporaries()).toEqual([])
    expect(await fixture.blobs()).toHaveLength(1)
  })

  it('deletes partial files that are older than a day, and no newer ones', async () => {
    await using fixture = await storeFixture()
    await fixture.store.ensure(sha256Of(Buffer.from('x')), write(Buffer.from('x')))
    const folders = ['old', 'young'].map((seed) =>
      join(fixture.directory, 'v1/temporary', `${sha256Of(Buffer.from(seed)).replace(':', '-')}~free~aaaa`),
    )
    for (const folder of folders) await mkdir(folder)
    await utimes(folders[0] ?? '', Date.now() / 1000 - 90_000, Date.now() / 1000 - 90_000)
    await fixture.open().ensure(KEY, write(BYTES))
    expect((await fixture.temporaries()).map((name) => join(fixture.directory, 'v1/temporary', name))).toEqual([
      folders[1],
    ])
  })

  it('drops a truncated blob, and creates it again', async () => {
    await using fixture = await storeFixture()
    const { path } = await fixture.store.ensure(KEY, write(BYTES))
    await chmod(path, 0o644)
    await writeFile(path, BYTES.subarray(0, 100))
    expect(await fixture.store.find(KEY)).toBeUndefined()
    await fixture.store.ensure(KEY, write(BYTES))
    expect(Buffer.compare(await readFile(path), BYTES)).toBe(0)
  })

  it('notices on verification a blob whose bytes changed, and drops it', async () => {
    await using fixture = await storeFixture()
    const { path } = await fixture.store.ensure(KEY, write(BYTES))
    expect(await fixture.store.verify(KEY)).toBe(true)
    await chmod(path, 0o644)
    await writeFile(path, someBytes(BYTES.length, 'rot'))
    expect(await fixture.store.verify(KEY)).toBe(false)
    expect(await fixture.store.find(KEY)).toBeUndefined()
  })

  it('removes what it is told to, and only that', async () => {
    await using fixture = await storeFixture()
    const other = sha256Of(Buffer.from('x'))
    await fixture.store.ensure(KEY, write(BYTES))
    await fixture.store.ensure(other, write(Buffer.from('x')))
    await fixture.store.remove(KEY)
    expect((await fixture.store.list()).map(({ key }) => key)).toEqual([other])
  })

  it('does not accept a link as a blob, whatever its target', async () => {
    await using fixture = await storeFixture()
    const { path } = await fixture.store.ensure(KEY, write(BYTES))
    const elsewhere = join(fixture.directory, 'elsewhere')
    await writeFile(elsewhere, someBytes(BYTES.length, 'hostile'))
    await rm(path)
    await symlink(elsewhere, path)
    expect(await fixture.store.find(KEY)).toBeUndefined()
    expect(Buffer.compare(await readFile(elsewhere), someBytes(BYTES.length, 'hostile'))).toBe(0)
  })

  it('ignores names that are not keys, and refuses to create them', async () => {
    await using fixture = await storeFixture()
    await fixture.store.ensure(KEY, write(BYTES))
    for (const name of ['sha256-../../etc.5', 'sha256-abc.5', 'note.txt', `sha256-${'A'.repeat(64)}.1`]) {
      await writeFile(join(fixture.directory, 'v1/blobs', name.replaceAll('/', '_')), '12345')
    }
    expect((await fixture.store.list()).map(({ key }) => key)).toEqual([KEY])
    await expect(fixture.store.ensure('sha256:../../../tmp/x', write(BYTES))).rejects.toMatchObject({
      code: 'UNEXPECTED',
    })
  })
})
