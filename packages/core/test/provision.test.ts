// The complete process with real parts: an HTTP vendor with one slow image, the simulator over TLS, real qemu-img.

import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSimulator, type Simulator } from '../../simulator/src/index.ts'
import { changesIn } from '../src/advanced.ts'
import { writeIso } from '../src/codecs/iso9660.ts'
import { createWorld, type ProvisionEvent, parseManifest, prepare, provision } from '../src/index.ts'

const MEBIBYTE = 1024 ** 2

let folder: string
let simulator: Simulator
let url: string
let stop: () => Promise<void>

/** When this resolves, the rest of the slow image is sent. */
const restOfSlow = Promise.withResolvers<void>()

/** Serves complete files. Of files with "slow" in their name, sends half and waits for the release. */
async function startVendor(): Promise<void> {
  const server = createServer((request, response) => {
    const name = request.url?.slice(1) ?? ''
    const bytes = readFileSync(join(folder, name))
    response.writeHead(200, { 'content-length': bytes.length })
    if (!name.startsWith('slow')) return void response.end(bytes)
    response.write(bytes.subarray(0, bytes.length / 2))
    void restOfSlow.promise.then(() => response.end(bytes.subarray(bytes.length / 2)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  stop = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'provision-'))
  for (const name of ['fast', 'slow']) {
    writeFileSync(join(folder, `${name}.raw`), randomBytes(3 * MEBIBYTE))
    execFileSync('qemu-img', [
      'convert',
      '-f',
      'raw',
      '-O',
      'qcow2',
      join(folder, `${name}.raw`),
      join(folder, `${name}.qcow2`),
    ])
  }
  // Not a disk: it begins with neither a boot sector nor a partition table.
  writeFileSync(join(folder, 'tools.iso'), writeIso('tools', [{ name: 'setup', content: 'setup' }]))
  execFileSync('xz', ['-0', join(folder, 'slow.raw')])
  const line = (file: string) =>
    `${createHash('sha256')
      .update(readFileSync(join(folder, file)))
      .digest('hex')}  ${file}\n`
  writeFileSync(join(folder, 'SHA256SUMS'), line('fast.qcow2') + line('slow.raw.xz') + line('tools.iso'))
  await startVendor()
  simulator = await createSimulator({ nodes: ['pve1'], latency: 'instant' })
})
afterAll(async () => {
  await simulator?.close()
  await stop?.()
  rmSync(folder, { recursive: true, force: true })
})

function world(cache: string) {
  return createWorld({
    pve: {
      endpoints: [new URL(simulator.endpoint)],
      credentials: { tokenId: simulator.tokenId, tokenSecret: simulator.tokenSecret },
      trust: { fingerprint: simulator.fingerprint },
    },
    cacheDirectory: join(folder, cache),
  })
}

function desired(early = '') {
  const text = `project: lab
images:
  fast: { url: ${url}/fast.qcow2, checksum: ${url}/SHA256SUMS }
  slow: { url: ${url}/slow.raw.xz, checksum: ${url}/SHA256SUMS }
defaults: { node: pve1, storage: { images: local, disks: local } }
vms:
  late: { image: slow }
  early: { image: fast${early} }
`
  return parseManifest({ text, file: 'test.yaml' }).desired
}

describe('provision', () => {
  it('creates the machine of a fast image before the slowest image is downloaded', async () => {
    const settled: string[] = []
    const onEvent = (event: ProvisionEvent) => {
      if (event.type !== 'settled') return
      settled.push(`${event.outcome.step.id} ${event.outcome.status}`)
      if (event.outcome.step.id === 'create:early') restOfSlow.resolve()
    }
    const here = world('cache')
    const report = await provision(desired(), here, { onEvent })
    here.pve.close()
    expect(report.outcomes.filter(({ error }) => error).map(({ error }) => error?.message)).toEqual([])
    expect(settled).toContain('create:early done')
    expect(settled.indexOf('create:early done')).toBeLessThan(settled.indexOf('download:slow done'))
  })

  it('finds nothing to do the second time, with its cache and without any', async () => {
    for (const cache of ['cache', 'none']) {
      const here = world(cache)
      const { plan } = await prepare(desired(), here)
      here.pve.close()
      expect([cache, changesIn(plan)]).toEqual([cache, 0])
    }
  })

  it('adds a disk with another image to an existing machine', async () => {
    const here = world('none')
    const more = desired(', disks: [{ image: slow, size: 8 MiB }]')
    const report = await provision(more, here)
    const { plan } = await prepare(more, here)
    here.pve.close()
    expect(report.outcomes.filter(({ error }) => error).map(({ error }) => error?.message)).toEqual([])
    expect(report.outcomes.find(({ step }) => step.id === 'update:early')?.status).toBe('done')
    expect(changesIn(plan)).toBe(0)
  })

  it.each([
    ['fetched by Proxmox', (url: string) => `url: "${url}/tools.iso", checksum: "${url}/SHA256SUMS"`, 'pull:tools'],
    [
      'sent from here',
      (url: string) => `url: "${url}/tools.iso", checksum: "${url}/SHA256SUMS", route: push`,
      'upload:tools',
    ],
    ['a file here', () => `file: ${join(folder, 'tools.iso')}`, 'upload:tools'],
  ])('puts an ISO into a CD drive that is %s, and leaves it there', async (what, image, step) => {
    const name = what.replaceAll(' ', '-').toLowerCase()
    const text = `project: ${name}
images:
  fast: { url: ${url}/fast.qcow2, checksum: ${url}/SHA256SUMS }
  tools: { ${image(url)} }
defaults: { node: pve1, storage: { images: local, disks: local } }
vms:
  ${name}: { image: fast, cdrom: { image: tools } }
`
    const wanted = parseManifest({ text, file: 'test.yaml' }).desired
    const here = world(name)
    const report = await provision(wanted, here)
    expect(report.outcomes.filter(({ error }) => error).map(({ error }) => error?.message)).toEqual([])
    const brought = report.outcomes.find(({ step: { id } }) => id.startsWith(step))
    const [{ vmid = 0 } = {}] = report.machines
    const config = await here.pve.request('GET', `/nodes/pve1/qemu/${vmid}/config`)
    const { plan } = await prepare(wanted, here)
    here.pve.close()
    expect(brought?.result?.volid).toMatch(/^local:iso\/tools-[0-9a-f]{16}(-\d+)?\.iso$/)
    expect(config).toMatchObject({ ide0: expect.stringContaining(`${brought?.result?.volid},media=cdrom`) })
    expect(changesIn(plan)).toBe(0)
  })
})
