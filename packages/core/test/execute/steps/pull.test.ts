// The pull step: the simulated node downloads from a vendor on loopback.
import { randomBytes } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { pull } from '../../../src/execute/steps/pull.ts'
import type { StepOf } from '../../../src/plan/step.ts'
import { type FileServer, startFileServer } from '../../support/file-server.ts'
import { clusterLab, digestOf, imageLab, STEP } from '../../support/image-lab.ts'

let qcow2: Buffer
let vendor: FileServer

beforeAll(async () => {
  await using images = await imageLab()
  await writeFile(images.path('disk.raw'), randomBytes(300_000))
  images.qemuImg('convert', '-f', 'raw', '-O', 'qcow2', 'disk.raw', 'disk.qcow2')
  qcow2 = await readFile(images.path('disk.qcow2'))
})
beforeEach(async () => {
  vendor = await startFileServer()
  vendor.serve('/x.qcow2', { bytes: qcow2 })
  return () => vendor.close()
})

const stepOf = (...paths: readonly string[]): StepOf<'pull'> => ({
  ...STEP,
  kind: 'pull',
  id: 'pull:x',
  image: 'x',
  at: { node: 'pve1', storage: 'local' },
  volume: 'x-0123456789abcdef.qcow2',
  urls: paths.map((path) => vendor.url(path)),
  digest: digestOf(qcow2),
})
const VOLID = 'local:import/x-0123456789abcdef.qcow2'
const fetches = () => vendor.requests.filter((path) => path === '/x.qcow2').length

describe('pull step', () => {
  it('lets Proxmox download it once, and keeps it the second time', async () => {
    await using lab = await clusterLab()
    expect(await pull(stepOf('/x.qcow2'), lab.context())).toEqual({ volid: VOLID })
    expect(await readFile(lab.importPath('x-0123456789abcdef.qcow2'))).toEqual(qcow2)
    expect(await pull(stepOf('/x.qcow2'), lab.context())).toEqual({ volid: VOLID, kept: true })
    expect(fetches()).toBe(1)
  })

  it('tries the next URL when one does not have it', async () => {
    await using lab = await clusterLab()
    expect(await pull(stepOf('/gone.qcow2', '/x.qcow2'), lab.context())).toEqual({ volid: VOLID })
  })

  it('reports wrong bytes, and leaves none of them', async () => {
    await using lab = await clusterLab()
    vendor.serve('/new.qcow2', { bytes: Buffer.concat([qcow2, Buffer.alloc(512)]) })
    await expect(pull(stepOf('/new.qcow2'), lab.context())).rejects.toMatchObject({
      code: 'CHECKSUM',
      message: expect.stringMatching(/ has the digest sha256:[0-9a-f]{64} instead of sha256:[0-9a-f]{64}\.$/),
      hint: expect.stringMatching(/compress files in transit: with `route: push`/),
    })
    expect(await readdir(lab.importPath('')).catch(() => [])).toEqual([])
  })

  it('names the push route when no URL works', async () => {
    await using lab = await clusterLab()
    await expect(pull(stepOf('/gone.qcow2'), lab.context())).rejects.toMatchObject({
      code: 'HTTP',
      hint: expect.stringMatching(/route: push/),
    })
  })

  it('checks before it repeats a call whose answer was lost', async () => {
    await using lab = await clusterLab()
    lab.simulator.faults.add({
      action: 'drop-after',
      method: 'POST',
      path: '/nodes/*/storage/*/download-url',
      count: 1,
    })
    expect(await pull(stepOf('/x.qcow2'), lab.context())).toEqual({ volid: VOLID })
    expect(fetches()).toBe(1)
  })
})
