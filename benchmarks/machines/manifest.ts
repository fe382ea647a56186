// Manifests of a given size, machines that are as declared there, and a vendor on loopback for the one small image.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import type { MachineSeed } from '@pve-provision/simulator'
import { writeDescription } from '../../packages/core/src/facts/cluster/marker.ts'
import { baseOf } from '../../packages/core/src/plan/names.ts'

export interface Vendor {
  readonly url: string
  readonly checksum: string
  stop(): void
}

/** Serves an empty disk of 64 MiB, as a qcow2 of 192 KiB. */
export async function startVendor(folder: string): Promise<Vendor> {
  const path = join(folder, 'small.qcow2')
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', path, '64M'])
  const bytes = readFileSync(path)
  const server = createServer((request, response) => {
    const [, from, to] = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '') ?? []
    const part = from === undefined ? bytes : bytes.subarray(Number(from), to ? Number(to) + 1 : undefined)
    response.writeHead(from === undefined ? 200 : 206, {
      'Content-Length': part.length,
      'Accept-Ranges': 'bytes',
      ETag: '"small"',
      ...(from !== undefined && { 'Content-Range': `bytes ${from}-${Number(from) + part.length - 1}/${bytes.length}` }),
    })
    response.end(request.method === 'HEAD' ? undefined : part)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return {
    url: `http://127.0.0.1:${port}/small.qcow2`,
    checksum: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
    stop: () => void server.close(),
  }
}

export interface Wanted {
  readonly vendor: Vendor
  readonly nodes: readonly string[]
  readonly machines: number
  readonly start?: boolean
}

/** Machines as users declare them: CPU, memory, a larger disk, a network, cloud-init. One entry for each node. */
export function manifestOf({ vendor, nodes, machines, start = false }: Wanted): string {
  const share = (index: number) =>
    Math.floor((machines * (index + 1)) / nodes.length) - Math.floor((machines * index) / nodes.length)
  const entries = nodes.map((node, index) => `  on-${node}: { node: ${node}, count: ${share(index)} }`)
  return manifestWith(entries, { vendor, start })
}

/** A manifest with these entries, each a line of YAML. */
export function manifestWith(
  entries: readonly string[],
  { vendor, start }: { readonly vendor: Vendor; readonly start: boolean },
): string {
  return `project: bench
images:
  small: { url: "${vendor.url}", checksum: "${vendor.checksum}" }
defaults:
  image: small
  storage: { images: local, disks: local }
  cores: 2
  memory: 1 GiB
  disk: 128 MiB
  tags: [bench]
  network: { bridge: vmbr0 }
  cloudInit: { user: ops, ip: dhcp }
  start: ${start}
vms:
${entries.join('\n')}
`
}

/** Returns the names of its machines. */
export function namesOf({ nodes, machines }: Pick<Wanted, 'nodes' | 'machines'>): readonly string[] {
  return nodes.flatMap((node, index) => {
    const share = Math.floor((machines * (index + 1)) / nodes.length) - Math.floor((machines * index) / nodes.length)
    return Array.from({ length: share }, (_, at) => `on-${node}-${at + 1}`)
  })
}

export interface Seeded {
  readonly name: string
  readonly node: string
  readonly index: number
  readonly running?: boolean
  /** The build that it was created from. */
  readonly base: string
}

/** The build of the vendor's image. */
export function currentBase({ checksum }: Vendor): string {
  return baseOf({ digest: checksum as `sha256:${string}` }, 'as-is')
}

/** Returns the machines of `manifestOf` as a run has left them. */
export function seedsOf(wanted: Wanted): readonly MachineSeed[] {
  const base = currentBase(wanted.vendor)
  return namesOf(wanted).map((name, index) =>
    seedOf({ name, node: /^on-(pve\d+)-/.exec(name)?.[1] ?? '', index, base }),
  )
}

export function seedOf({ name, node, index, base, running = false }: Seeded): MachineSeed {
  const vmid = 20_000 + index
  return {
    vmid,
    node,
    name,
    options: {
      cores: 2,
      memory: 1024,
      tags: 'bench;pve-provision',
      net0: `virtio=BC:24:11:${mac(index)},bridge=vmbr0`,
      ciuser: 'ops',
      ipconfig0: 'ip=dhcp',
      ide2: `local:${vmid}/vm-${vmid}-cloudinit.qcow2,media=cdrom`,
    },
    description: writeDescription({ project: 'bench', name, kind: 'machine', image: 'small', base, spec: '' }),
    disks: [{ storage: 'local', bytes: 128 * 1024 ** 2 }],
    running,
  }
}

function mac(index: number): string {
  const bytes = [index >> 16, index >> 8, index].map((value) => (value & 255).toString(16).padStart(2, '0'))
  return bytes.join(':').toUpperCase()
}
