// The upload step with the simulator over TLS, and its local route with a folder.
import { randomBytes } from 'node:crypto'
import { chmod, link, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { upload } from '../../../src/execute/steps/upload.ts'
import { recallMade, recordMade } from '../../../src/facts/images/made-facts.ts'
import type { StepOf } from '../../../src/plan/step.ts'
import type { Pve } from '../../../src/ports/pve/pve.ts'
import type { BlobKey } from '../../../src/ports/world.ts'
import { type ClusterLab, clusterLab, digestOf, type ImageLab, imageLab, STEP } from '../../support/image-lab.ts'

let images: ImageLab
let qcow2: Buffer

beforeAll(async () => {
  images = await imageLab()
  await writeFile(images.path('disk.raw'), randomBytes(300_000))
  images.qemuImg('convert', '-f', 'raw', '-O', 'qcow2', 'disk.raw', 'disk.qcow2')
  qcow2 = await readFile(images.path('disk.qcow2'))
})
afterAll(() => images[Symbol.asyncDispose]())

const stepOf = (blob: BlobKey, route: 'push' | 'local' = 'push'): StepOf<'upload'> => ({
  ...STEP,
  kind: 'upload',
  id: 'upload:x',
  image: 'x',
  needs: ['convert:x'],
  at: { node: 'pve1', storage: 'local' },
  stem: 'x-0123456789abcdef',
  blob,
  route,
})

const uploads = ({ simulator }: ClusterLab) =>
  simulator.requests.recent.filter(({ path }) => path.endsWith('/upload')).length

describe('upload step: push', () => {
  it('sends a blob once, under a name with its size, and keeps it the second time', async () => {
    await using lab = await clusterLab()
    const { key } = await lab.stored(qcow2)
    const volid = `local:import/x-0123456789abcdef-${qcow2.length}.qcow2`
    expect(await upload(stepOf(key), lab.context())).toEqual({ volid })
    expect(await readFile(lab.importPath(`x-0123456789abcdef-${qcow2.length}.qcow2`))).toEqual(qcow2)
    expect(await upload(stepOf(key), lab.context())).toEqual({ volid, kept: true })
  })

  it('sends again where a truncated file has the name', async () => {
    await using lab = await clusterLab()
    const { key } = await lab.stored(qcow2)
    const name = `x-0123456789abcdef-${qcow2.length}.qcow2`
    await mkdir(lab.importPath(''), { recursive: true })
    await writeFile(lab.importPath(name), qcow2.subarray(0, 5000))
    expect((await upload(stepOf(key), lab.context())).kept).toBeFalsy()
    expect(await readFile(lab.importPath(name))).toEqual(qcow2)
  })

  it('uses the blob of the previous step, and detects its format', async () => {
    await using lab = await clusterLab()
    const raw = await readFile(images.path('disk.raw'))
    const blob = await lab.stored(raw)
    const result = await upload(stepOf(`${blob.key}+as-is`), lab.context({ 'convert:x': { blob } }))
    expect(result.volid).toBe(`local:import/x-0123456789abcdef-${raw.length}.raw`)
  })

  it('checks before it repeats an upload whose answer was lost', async () => {
    await using lab = await clusterLab()
    const { key } = await lab.stored(qcow2)
    lab.simulator.faults.add({ action: 'drop-after', method: 'POST', path: '/nodes/*/storage/*/upload', count: 1 })
    expect((await upload(stepOf(key), lab.context())).volid).toMatch(/qcow2$/)
    expect(uploads(lab)).toBe(1)
  })

  it('hashes a converted file once, and records the digest', async () => {
    await using lab = await clusterLab()
    const key: BlobKey = `sha256:${'a'.repeat(64)}+qcow2`
    await lab.world.store.ensure(key, (to) => writeFile(to, qcow2))
    await upload(stepOf(key), lab.context())
    expect(await recallMade(key, lab.world)).toEqual({
      digest: digestOf(qcow2),
      tool: expect.stringMatching(/^qemu-img \d/),
    })
  })

  it('drops a corrupt copy when Proxmox finds its checksum wrong', async () => {
    await using lab = await clusterLab()
    const made: BlobKey = `sha256:${'b'.repeat(64)}+qcow2`
    await lab.world.store.ensure(made, (to) => writeFile(to, qcow2))
    await recordMade(made, { digest: `sha256:${'0'.repeat(64)}` }, lab.world)
    const downloaded = await lab.stored(qcow2)
    await chmod(downloaded.path, 0o600)
    await writeFile(downloaded.path, Buffer.concat([qcow2.subarray(0, -100), Buffer.alloc(100, 7)]))
    for (const key of [made, downloaded.key]) {
      await expect(upload(stepOf(key), lab.context())).rejects.toMatchObject({ code: 'CHECKSUM' })
      expect(await lab.world.store.find(key)).toBeUndefined()
    }
    expect(await readdir(lab.importPath('')).catch(() => [])).toEqual([])
  })

  it('verifies a copy of an earlier run before it is compressed, because Proxmox could not notice', async () => {
    await using lab = await clusterLab()
    const raw = Buffer.alloc(16 * 1024 * 1024, 'abcdefgh')
    raw.writeUInt16BE(0x55aa, 510) // a boot sector
    const { key, path } = await lab.stored(raw)
    await chmod(path, 0o644)
    await writeFile(path, raw.fill('x', 5000, 5001))
    await expect(upload(stepOf(key), lab.context())).rejects.toMatchObject({ code: 'CHECKSUM' })
    expect(await lab.world.store.find(key)).toBeUndefined()
    expect(uploads(lab)).toBe(0)
    await lab.stored(raw.fill('a', 5000, 5001))
    expect((await upload(stepOf(key), lab.context())).volid).toMatch(/qcow2$/)
  })

  it('reports when the blob has disappeared', async () => {
    await using lab = await clusterLab()
    await expect(upload(stepOf(digestOf(qcow2)), lab.context())).rejects.toMatchObject({ code: 'DISK' })
  })
})

describe('upload step: local', () => {
  /** A Proxmox stub with one storage, whose folder is on this computer. */
  function nodeWith(path: string): Pick<Pve, 'request'> {
    const request = async (_method: string, asked: string) => {
      if (asked === '/storage/local') return { storage: 'local', path }
      const names = await readdir(`${path}/import`)
      const sizes = await Promise.all(names.map(async (name) => (await readFile(`${path}/import/${name}`)).length))
      return names.flatMap((name, index) =>
        name.startsWith('.') ? [] : [{ volid: `local:import/${name}`, size: sizes[index] }],
      )
    }
    return { request: request as Pve['request'] }
  }

  async function localLab() {
    const lab = await imageLab()
    const folder = lab.path('storage')
    await mkdir(`${folder}/import`, { recursive: true })
    const { world } = lab
    return Object.assign(lab, {
      world: Object.assign(world, { pve: nodeWith(folder) }),
      imports: `${folder}/import`,
    })
  }

  it('writes a temporary file and renames it, and keeps it the second time', async () => {
    await using lab = await localLab()
    const { key } = await lab.stored(qcow2)
    const result = await upload(stepOf(key, 'local'), lab.context())
    expect(await readdir(lab.imports)).toEqual([`x-0123456789abcdef-${qcow2.length}.qcow2`])
    expect(await readFile(`${lab.imports}/x-0123456789abcdef-${qcow2.length}.qcow2`)).toEqual(qcow2)
    expect(await upload(stepOf(key, 'local'), lab.context())).toEqual({ ...result, kept: true })
  })

  it('gives the blob another name where store and storage are on one file system', async () => {
    await using lab = await localLab()
    const { key, path } = await lab.stored(qcow2)
    const volume = `${lab.imports}/x-0123456789abcdef-${qcow2.length}.qcow2`
    // A run that was killed in between left this file.
    await link(path, `${lab.imports}/.x-0123456789abcdef-${qcow2.length}.qcow2.pve-provision`)
    await upload(stepOf(key, 'local'), lab.context())
    expect((await stat(volume)).ino).toBe((await stat(path)).ino)
    await rm(volume)
    expect(await readFile(path)).toEqual(qcow2)
  })

  it('writes a sparse copy where they are not', async ({ skip }) => {
    await using lab = await localLab()
    const elsewhere = await mkdtemp('/dev/shm/upload-test-').catch(() => skip('there is no second file system here'))
    try {
      await mkdir(`${elsewhere}/import`)
      Object.assign(lab.world, { pve: nodeWith(elsewhere) })
      const sparse = Buffer.concat([Buffer.alloc(3_000_000), Buffer.from('end')])
      const { key, path } = await lab.stored(sparse)
      await upload(stepOf(key, 'local'), lab.context())
      const volume = `${elsewhere}/import/x-0123456789abcdef-${sparse.length}.raw`
      expect(await readFile(volume)).toEqual(sparse)
      expect((await stat(volume)).blocks * 512).toBeLessThan(100_000)
      expect((await stat(volume)).ino).not.toBe((await stat(path)).ino)
    } finally {
      await rm(elsewhere, { recursive: true })
    }
  })

  it('does not read a file of this run again for its digest', async () => {
    await using lab = await localLab()
    const key: BlobKey = `sha256:${'d'.repeat(64)}+qcow2`
    const blob = await lab.world.store.ensure(key, (to) => writeFile(to, qcow2))
    await recordMade(key, { digest: `sha256:${'0'.repeat(64)}` }, lab.world)
    await upload(stepOf(key, 'local'), lab.context({ 'convert:x': { blob } }))
    expect(await readdir(lab.imports)).toEqual([`x-0123456789abcdef-${qcow2.length}.qcow2`])
  })

  it('removes its file where the folder belongs to another node', async () => {
    await using lab = await localLab()
    const { key } = await lab.stored(qcow2)
    const { request } = nodeWith(lab.path('storage'))
    const other = async (method: 'GET', path: string) => (path === '/storage/local' ? request(method, path) : [])
    Object.assign(lab.world, { pve: { request: other as Pve['request'] } })
    await expect(upload(stepOf(key, 'local'), lab.context())).rejects.toMatchObject({
      code: 'DISK',
      message: expect.stringContaining('pve1 does not see the file written'),
    })
    expect(await readdir(lab.imports)).toEqual([])
  })

  it('leaves nothing where the copy in the store is corrupt', async () => {
    await using lab = await localLab()
    const key: BlobKey = `sha256:${'c'.repeat(64)}+qcow2`
    await lab.world.store.ensure(key, (to) => writeFile(to, qcow2))
    await recordMade(key, { digest: `sha256:${'0'.repeat(64)}` }, lab.world)
    await expect(upload(stepOf(key, 'local'), lab.context())).rejects.toMatchObject({ code: 'CHECKSUM' })
    expect(await readdir(lab.imports)).toEqual([])
    expect(await lab.world.store.find(key)).toBeUndefined()
  })

  it('reports where the storage has no local folder', async () => {
    await using lab = await localLab()
    const { key } = await lab.stored(qcow2)
    const elsewhere = { ...nodeWith(lab.path('storage')) }
    const list = elsewhere.request
    elsewhere.request = (async (method: 'GET', path: string) =>
      path === '/storage/local' ? { path: '/nowhere/at/all' } : list(method, path)) as Pve['request']
    Object.assign(lab.world, { pve: elsewhere })
    await expect(upload(stepOf(key, 'local'), lab.context())).rejects.toMatchObject({
      code: 'DISK',
      message: expect.stringMatching(/not on this computer/),
    })
  })
})
