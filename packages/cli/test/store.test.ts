// The local image store through the built CLI: verified on request, and downloaded again if damaged.
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createWorld } from '@pve-provision/core'
import { describe, expect, it } from 'vitest'
import { startSurroundings } from './support/surroundings.ts'

const { vendor, cluster } = await startSurroundings()

/** A manifest that converts here, so that both the vendor's bytes and the result are in the store. */
function manifest(): string {
  return `project: lab
images:
  packed: { url: ${vendor.url}/packed.img, checksum: ${vendor.url}/SHA256SUMS, format: raw, convert: runner }
defaults: { image: packed, node: pve1, storage: { images: local, disks: local }, network: { bridge: vmbr0 } }
vms: { web: {} }
`
}

const json = ({ stdout }: { readonly stdout: string }) => JSON.parse(stdout)

function blobs(): readonly string[] {
  const folder = join(cluster.folder, 'cache/v1/blobs')
  return readdirSync(folder).map((name) => join(folder, name))
}

/** Changes one bit and keeps the size, so that name and size still look valid. */
function rot(path: string): void {
  const bytes = readFileSync(path)
  bytes.writeUInt8(bytes.readUInt8(70_000) ^ 1, 70_000)
  chmodSync(path, 0o644)
  writeFileSync(path, bytes)
}

/** Removes templates and image volumes, as another user would. */
async function removeTemplates(): Promise<void> {
  const world = createWorld({
    pve: {
      endpoints: [new URL(cluster.simulator.endpoint)],
      credentials: { tokenId: cluster.simulator.tokenId, tokenSecret: cluster.simulator.tokenSecret },
      trust: { fingerprint: cluster.simulator.fingerprint },
    },
    cacheDirectory: cluster.folder,
  })
  type Row = { readonly name?: string; readonly vmid?: number; readonly node?: string }
  const rows = (await world.pve.request('GET', '/cluster/resources', { parameters: { type: 'vm' } })) as readonly Row[]
  for (const { vmid, node } of rows.filter((row) => row.name?.startsWith('tpl-'))) {
    await world.pve.waitForTask(String(await world.pve.request('DELETE', `/nodes/${node}/qemu/${vmid}`)))
  }
  world.pve.close()
  const folder = join(cluster.simulator.dataDirectory, 'nodes/pve1/var/lib/vz/import')
  for (const file of readdirSync(folder)) rmSync(join(folder, file))
}

describe('--verify', () => {
  it('reports that everything is right, and downloads nothing', async () => {
    await cluster.cli(['apply', '--auto-approve', '--json'], { manifest: manifest() })
    const sent = vendor.sentBytes()
    const plan = json(await cluster.cli(['plan', '--verify', '--json']))
    expect(plan).toMatchObject({ changes: 0, notes: ['2 files in the store checked: the digests match.'] })
    expect(vendor.sentBytes()).toBe(sent)
  })

  it('drops corrupt files, then downloads and converts them again where they are needed', async () => {
    await cluster.cli(['destroy', '--auto-approve', '--json'])
    await removeTemplates()
    for (const path of blobs()) rot(path)
    const report = json(await cluster.cli(['apply', '--verify', '--auto-approve', '--json']))
    expect(report.ok).toBe(true)
    expect(report.notes).toEqual([
      expect.stringMatching(/A copy of packed in the store has changed and was removed/),
      expect.stringMatching(/A copy of packed in the store has changed and was removed/),
    ])
    expect(report.metrics.bytesDownloaded).toBeGreaterThanOrEqual(
      readFileSync(join(vendor.folder, 'packed.img')).length,
    )
    expect(json(await cluster.cli(['plan', '--verify', '--json'])).notes).toEqual([
      '2 files in the store checked: the digests match.',
    ])
  })
})

describe('--replace', () => {
  it('downloads nothing while a volume or the store has the image', async () => {
    const sent = vendor.sentBytes()
    const report = json(await cluster.cli(['apply', '--replace', 'web', '--auto-approve', '--json']))
    expect(report).toMatchObject({ ok: true, changed: true })
    expect(vendor.sentBytes()).toBe(sent)
  })

  it('downloads the image of a machine whose template, volume and local copy are all gone', async () => {
    await cluster.cli(['destroy', '--auto-approve', '--json'])
    await removeTemplates()
    // A full clone no longer needs its template.
    await cluster.cli(['apply', '--auto-approve', '--json'], {
      manifest: manifest().replace('{}', '{ fullClone: true }'),
    })
    await removeTemplates()
    const environment = { PVE_PROVISION_CACHE: join(cluster.folder, 'empty-cache') }
    const report = json(await cluster.cli(['apply', '--replace', 'web', '--auto-approve', '--json'], { environment }))
    expect(report.ok).toBe(true)
    const done = report.steps.filter(({ status }: { status: string }) => status === 'done')
    expect(done.map(({ kind }: { kind: string }) => kind)).toEqual(
      expect.arrayContaining(['download', 'convert', 'upload', 'template', 'replace']),
    )
  })
})

describe('an image without a checksum', () => {
  const bare = () => manifest().replace(/, checksum: \S+SUMS/, '')

  it('stops apply, which says what to do, and downloads nothing', async () => {
    const sent = vendor.sentBytes()
    const { exitCode, stderr } = await cluster.cli(['apply', '--replace', 'web', '--auto-approve'], {
      manifest: bare(),
    })
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/The image packed has no `checksum`[\s\S]*pve-provision pin/)
    expect(vendor.sentBytes()).toBe(sent)
  })

  it('is measured by pin, which says so, and then used unchanged', async () => {
    const pinned = await cluster.cli(['pin'], { manifest: bare() })
    expect(pinned.stderr).toMatch(/packed has no checksum: it is downloaded .*measure/)
    expect(pinned.stderr).toMatch(/packed is pinned to sha256:[0-9a-f]{64} .*not confirmed by the vendor/)
    const report = json(await cluster.cli(['apply', '--replace', 'web', '--auto-approve', '--json']))
    expect(report).toMatchObject({ ok: true })
    // The vendor's bytes change. The pinned ones are still used, also in a plan that checks for newer images.
    writeFileSync(join(vendor.folder, 'packed.img'), readFileSync(join(vendor.folder, 'fast.qcow2')))
    for (const more of [[], ['--update-images']]) {
      expect(json(await cluster.cli(['plan', '--json', ...more]))).toMatchObject({ changes: 0, notes: [] })
    }
    const moved = await cluster.cli(['pin'])
    expect(moved.stderr).toMatch(/packed has a newer build: sha256:/)
  })
})
