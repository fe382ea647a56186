import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { ENTRY_FILE } from '../src/cache/cache-protocol.ts'
import { callOf, manifest, type Surroundings, surroundings, writeManifest } from './support/given.ts'
import { type ActionRun, newJob, runAction } from './support/runner.ts'
import { temporaryFolder } from './support/temporary.ts'

let around: Surroundings
beforeAll(async () => {
  around = await surroundings({ nodes: ['pve1', 'pve2', 'pve3', 'pve4'] })
})
beforeEach(async () => {
  await around.cacheService.plant()
  around.vendor.requests()
})
afterAll(() => around.close())

/** Each node has its own images storage, so each needs the image once. Each run has a new runner. */
async function pushTo(node: string, inputs: Readonly<Record<string, string>> = {}): Promise<ActionRun> {
  const job = newJob()
  const text = manifest(around.vendor, { project: `push-${node}`, count: 1, image: ['route: push'] })
  writeManifest(job, text.replace('nodes: [pve1]', `nodes: [${node}]`))
  return runAction(
    callOf(around, job, { inputs: { 'cache-images': '1 GiB', 'cache-key-prefix': 'images', ...inputs } }),
  )
}

const downloads = () =>
  around.vendor.requests().filter((line) => line.startsWith('GET /image.qcow2 200') || line.endsWith('206'))
const imageKeys = async () =>
  (await around.cacheService.state()).entries.map(({ key }) => key).filter((key) => key.includes('-image-'))

it('keeps no image in the workflow’s cache by default', async () => {
  expect((await pushTo('pve1', { 'cache-images': '0' })).exitCode).toBe(0)
  expect(await imageKeys()).toEqual([])
})

it('keeps none over the budget, and says so', async () => {
  const outcome = await pushTo('pve2', { 'cache-images': '0.001 MiB' })
  expect(outcome.exitCode).toBe(0)
  expect(outcome.summary).toContain('exceeds the budget')
  expect(await imageKeys()).toEqual([])
})

it('saves an image under its digest, and the next runner does not download it', async () => {
  const first = await pushTo('pve3')
  expect(first.exitCode).toBe(0)
  expect(await imageKeys()).toEqual([`images-image-v1-${around.vendor.digest.replace(':', '-')}`])
  downloads()
  const second = await pushTo('pve4')
  expect(second.exitCode).toBe(0)
  expect(second.summary).toContain('1 image (')
  expect(second.summary).toContain('came from the workflow’s cache')
  // A read of the first bytes would be allowed, but the recorded facts make even that unnecessary.
  expect(downloads()).toEqual([])
})

it('deletes an image from the cache whose digest does not match its key, and downloads it', async () => {
  const hostile = temporaryFolder('hostile')
  writeFileSync(join(hostile, ENTRY_FILE), 'not the image')
  execFileSync('tar', ['-cf', join(hostile, 'a.tzst'), '-C', hostile, '--use-compress-program', 'zstdmt', ENTRY_FILE])
  await around.cacheService.plant(join(hostile, 'a.tzst'))
  const job = newJob()
  const text = manifest(around.vendor, { project: 'poisoned', count: 1, image: ['route: push'] })
  // Another image name needs another volume, so the bytes are needed again.
  writeManifest(job, text.replaceAll('debian', 'debian-again'))
  const again = await runAction(
    callOf(around, job, { inputs: { 'cache-images': '1 GiB', 'cache-key-prefix': 'poisoned' } }),
  )
  expect(again.exitCode).toBe(0)
  expect(again.log).toContain('does not match its key')
  expect(downloads().length).toBeGreaterThan(0)
})
