// Cached facts when the cluster has changed: the simulator over TLS, with the real journal.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createSimulator, type Simulator } from '../../simulator/src/index.ts'
import { refreshFacts, showFacts } from '../src/advanced.ts'
import { createWorld, type Desired, parseManifest, prepare, prepareDestroy, type World } from '../src/index.ts'
import { api } from '../src/ports/pve/api.ts'

const USER = 'ci@pve'
let folder: string
let simulator: Simulator
let admin: World
let token: { readonly tokenId: string; readonly tokenSecret: string }

function world(directory: string, credentials: { readonly tokenId: string; readonly tokenSecret: string }): World {
  const { endpoint, fingerprint } = simulator
  const pve = { endpoints: [new URL(endpoint)], credentials, trust: { fingerprint } }
  return createWorld({ pve, cacheDirectory: join(folder, directory) })
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'provision-facts-'))
  simulator = await createSimulator({ nodes: ['pve1'], storages: [{ id: 'local' }], latency: 'instant' })
  admin = world('admin', simulator)
  await admin.pve.request('POST', '/access/users', { parameters: { userid: USER } })
  const made = await api(admin.pve).access.users.$(USER).token.$('runner').$post({ privsep: false })
  token = { tokenId: `${USER}!runner`, tokenSecret: made.value }
})
beforeEach(() => grant('PVEAdmin', 'Administrator'))
afterAll(async () => {
  admin?.pve.close()
  await simulator?.close()
  rmSync(folder, { recursive: true, force: true })
})

async function grant(revoked: string, granted: string): Promise<void> {
  for (const [role, gone] of [
    [revoked, 1],
    [granted, 0],
  ] as const) {
    await admin.pve.request('PUT', '/access/acl', { parameters: { path: '/', users: USER, roles: role, delete: gone } })
  }
}

function desired(): Desired {
  const text = `project: facts
images: { fast: { url: https://example.invalid/fast.qcow2, checksum: "sha256:${'a'.repeat(64)}", route: push } }
defaults: { node: pve1, storage: { images: local, disks: local }, network: { bridge: vmbr0 } }
vms: { web: { image: fast } }`
  return parseManifest({ text, file: 'm.yaml' }).desired
}

async function look(
  directory: string,
  options = {},
): Promise<{ readonly requests: number; readonly fromCache: boolean }> {
  const runner = world(directory, token)
  const before = simulator.requests.total
  try {
    const { facts } = await prepare(desired(), runner, options)
    return { requests: simulator.requests.total - before, fromCache: facts.cluster.cached !== undefined }
  } finally {
    runner.pve.close()
  }
}

describe('facts about the cluster', () => {
  it('are requested once, and not by the next process: four requests fewer', async () => {
    const first = await look('once')
    const second = await look('once')
    expect(first.fromCache).toBe(false)
    expect(second).toEqual({ requests: first.requests - 4, fromCache: true })
  })

  it('are read again when they are too old, or on request', async () => {
    await look('age')
    expect((await look('age', { factsMaxAgeMs: 0 })).fromCache).toBe(false)
    expect((await look('age')).fromCache).toBe(true)
  })

  it('are read again in the same run when a check fails on them: the privilege was granted meanwhile', async () => {
    await grant('Administrator', 'PVEAuditor')
    await look('granted')
    await grant('PVEAuditor', 'Administrator')
    expect((await look('granted')).fromCache).toBe(false)
    // The new facts replace them.
    expect((await look('granted')).fromCache).toBe(true)
  })

  it('that show no machine do not mean that the cluster is empty', async () => {
    await grant('Administrator', 'PVEDatastoreAdmin')
    const runner = world('blind', token)
    try {
      await expect(prepareDestroy(desired(), runner)).rejects.toMatchObject({
        code: 'PERMISSION',
        hint: expect.stringContaining('VM.Audit'),
      })
    } finally {
      runner.pve.close()
      await grant('PVEDatastoreAdmin', 'Administrator')
    }
    const seeing = world('blind', token)
    expect((await prepareDestroy(desired(), seeing)).plan.steps).toEqual([])
    seeing.pve.close()
  })

  it('of another token are not used', async () => {
    await look('tokens')
    const root = world('tokens', simulator)
    const { facts } = await prepare(desired(), root)
    root.pve.close()
    expect(facts.cluster.cached).toBeUndefined()
  })

  it('are shown and refreshed without a run', async () => {
    const runner = world('shown', token)
    expect(await showFacts(runner)).toBeUndefined()
    expect(await refreshFacts(desired(), runner)).toMatchObject({ fresh: true, identity: token.tokenId })
    expect(await showFacts(runner)).toMatchObject({ facts: { bridges: { pve1: expect.arrayContaining(['vmbr0']) } } })
    runner.pve.close()
  })
})

describe('a journal that cannot be trusted', () => {
  it.each([
    ['torn', (text: string) => text.slice(0, text.length - 40)],
    [
      'changed without its hash',
      (text: string) => text.replace('"Sys.Audit":1', '"Sys.Audit":0').replace('vmbr0', 'vmbr7'),
    ],
    ['of another layout', (text: string) => text.replace('journal 1', 'journal 0')],
    ['that is none', () => '<html>'],
    ['empty', () => ''],
  ])('%s: is ignored, and the facts are requested', async (name, spoil) => {
    await look(name)
    const file = join(folder, name, 'journal', 'facts.jsonl')
    writeFileSync(file, spoil(readFileSync(file, 'utf8')))
    expect((await look(name)).fromCache).toBe(false)
    expect((await look(name)).fromCache).toBe(true)
  })
})
