import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { callOf, manifest, type Surroundings, surroundings, writeManifest } from './support/given.ts'
import { newJob, runAction } from './support/runner.ts'

let around: Surroundings
beforeAll(async () => {
  around = await surroundings({ nodes: ['pve1'] })
})
afterAll(() => around.close())

function lockOf(digest: string): string {
  const url = `${around.vendor.url}/image.qcow2`
  const pinned = { url, resolvedUrl: url, digest, signature: 'not asked for', pinnedAt: '2026-11-24T00:00:00Z' }
  return JSON.stringify({ version: 1, images: { debian: pinned } })
}

it('a lock file beside the manifest pins the image: the vendor’s document is not requested', async () => {
  const job = newJob()
  writeManifest(job, manifest(around.vendor, { count: 1 }))
  writeFileSync(join(job.workspace, 'pve-provision.lock'), lockOf(around.vendor.digest))
  around.vendor.requests()
  const outcome = await runAction(callOf(around, job))
  expect(outcome.exitCode).toBe(0)
  expect(around.vendor.requests().filter((line) => line.includes('SHA256SUMS'))).toEqual([])
})

it('a lock file with another digest than the vendor’s is a failure of the image', async () => {
  const job = newJob()
  writeManifest(job, manifest(around.vendor, { project: 'other', count: 1 }))
  writeFileSync(join(job.workspace, 'pve-provision.lock'), lockOf(`sha256:${'0'.repeat(64)}`))
  const outcome = await runAction(callOf(around, job))
  expect(outcome.exitCode).toBe(1)
  expect(outcome.summary).toContain('### Failure')
})

it('an invalid lock file is annotated at its own lines, without requests to Proxmox', async () => {
  const job = newJob()
  writeManifest(job, manifest(around.vendor))
  writeFileSync(join(job.workspace, 'images.lock'), 'version: 1\nimages:\n  debian:\n    digest: md5:1\n')
  const before = around.simulator.requests.total
  const outcome = await runAction(callOf(around, job, { inputs: { 'lock-file': 'images.lock' } }))
  expect(outcome.exitCode).toBe(1)
  const files = outcome.commands.filter(({ name }) => name === 'error').map(({ properties }) => properties.file)
  expect(new Set(files)).toEqual(new Set(['images.lock']))
  expect(around.simulator.requests.total).toBe(before)
})
