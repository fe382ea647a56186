// `--trace`: what maintainers ask for first, and what it must never contain.
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startSurroundings } from './support/surroundings.ts'

const { vendor, cluster } = await startSurroundings()

const manifest = () => `project: lab
images:
  fast: { url: ${vendor.url}/fast.qcow2, checksum: ${vendor.url}/SHA256SUMS }
defaults: { image: fast, node: pve1, storage: { images: local, disks: local }, network: { bridge: vmbr0 } }
vms: { web: {} }
`

describe('--trace', () => {
  it('writes each request with its status and time, readable by its owner only, without secrets', async () => {
    const file = join(cluster.folder, 'trace.jsonl')
    const { exitCode, stdout } = await cluster.cli(['plan', '--json', '--trace', file], { manifest: manifest() })
    expect(exitCode).toBe(0)
    expect(() => JSON.parse(stdout)).not.toThrow()
    const lines = readFileSync(file, 'utf8').trim().split('\n')
    const requests = lines.map((line) => JSON.parse(line))
    expect(requests).toContainEqual(
      expect.objectContaining({ to: 'proxmox', method: 'GET', path: '/api2/json/cluster/resources', status: 200 }),
    )
    expect(requests).toContainEqual(expect.objectContaining({ to: 'vendor', path: '/SHA256SUMS', status: 200 }))
    expect(lines.join('\n')).not.toContain(cluster.simulator.tokenSecret)
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it('that cannot be written is reported before any request', async () => {
    const { exitCode, stderr } = await cluster.cli(['plan', '--trace', '/nonexistent/trace.jsonl'])
    expect(exitCode).not.toBe(0)
    expect(stderr).toContain('/nonexistent/trace.jsonl cannot be written')
  })
})
