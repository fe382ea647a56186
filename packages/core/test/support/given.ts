// Builders for desired states and facts, so that a test contains only what matters to it.
import type { Facts, GuestFacts, ImageFacts, StorageFacts } from '../../src/facts/facts.ts'
import type { Desired } from '../../src/manifest/manifest.ts'
import { parseManifest } from '../../src/manifest/parse-manifest.ts'
import { specHash } from '../../src/plan/compare/spec-hash.ts'
import { wantedConfig } from '../../src/plan/config/machine-config.ts'

const HEAD = `
project: lab
images:
  fast: { url: "https://vendor.example/fast.qcow2", checksum: "sha256:${'a'.repeat(64)}" }
  slow: { url: "https://vendor.example/slow.raw.xz", checksum: "sha256:${'b'.repeat(64)}" }
defaults:
  image: fast
  node: pve1
  storage: { images: local, disks: disks }
`

/** Parses a desired state from the end of a manifest. The images `fast` and `slow` and sensible defaults are added. */
export function desiredState(tail: string): Desired {
  return parseManifest({ text: `${HEAD}${tail}`, file: 'test.yaml' }).desired
}

/** The same, merged with a file that may have its own `images`. */
export function layeredState(text: string, options: Parameters<typeof parseManifest>[1] = {}): Desired {
  return parseManifest(
    [
      { text: HEAD, file: 'head.yaml' },
      { text, file: 'test.yaml' },
    ],
    options,
  ).desired
}

export function imageFacts(name: string, digit: string, rest: Partial<ImageFacts> = {}): ImageFacts {
  return {
    name,
    digest: `sha256:${digit.repeat(64)}`,
    digestFrom: 'manifest',
    url: new URL(`https://vendor.example/${name}.qcow2`),
    compression: 'none',
    format: 'qcow2',
    signature: 'not asked for',
    ...rest,
  }
}

export function storageFacts(node: string, storage: string, rest: Partial<StorageFacts> = {}): StorageFacts {
  const content = new Set(['images', 'import', 'iso'])
  return { node, storage, type: 'dir', shared: false, active: true, content, availableBytes: 1024 ** 4, ...rest }
}

const ALL_PRIVILEGES = [
  ...['Allocate', 'Audit', 'Clone', 'PowerMgmt', 'Monitor', 'GuestAgent.Audit', 'GuestAgent.FileRead'].map(
    (name) => `VM.${name}`,
  ),
  ...['Disk', 'CPU', 'Memory', 'Network', 'HWType', 'Options', 'Cloudinit', 'CDROM'].map((name) => `VM.Config.${name}`),
  ...['Allocate', 'AllocateSpace', 'AllocateTemplate', 'Audit'].map((name) => `Datastore.${name}`),
  ...['AccessNetwork', 'Audit', 'Console', 'Modify'].map((name) => `Sys.${name}`),
  'SDN.Use',
  'Pool.Audit',
  'Pool.Allocate',
]

/** Returns the facts of an empty cluster with two nodes and all privileges. */
export function factsOf(rest: Partial<Facts> = {}): Facts {
  const nodes = ['pve1', 'pve2']
  return {
    cluster: {
      endpoint: 'https://127.0.0.1:8006',
      version: { text: '9.0.3', major: 9, minor: 0 },
      nodes: nodes.map((name) => ({
        name,
        online: true,
        memoryBytes: 64 * 1024 ** 3,
        freeMemoryBytes: 32 * 1024 ** 3,
      })),
      storages: nodes.flatMap((node) => [storageFacts(node, 'local'), storageFacts(node, 'disks')]),
      bridges: new Map(nodes.map((node) => [node, new Set(['vmbr0'])])),
      // Proxmox always lists these.
      permissions: Object.fromEntries(
        ['/', '/access', '/nodes', '/pool', '/sdn', '/storage', '/vms'].map((path) => [
          path,
          Object.fromEntries(ALL_PRIVILEGES.map((name) => [name, 1])),
        ]),
      ),
    },
    images: new Map([
      ['fast', imageFacts('fast', 'a')],
      ['slow', imageFacts('slow', 'b', { compression: 'xz' })],
    ]),
    blobs: new Set(),
    volumes: new Map(),
    guests: [],
    listed: new Map(),
    ...rest,
  }
}

/** A VM or template of the project `lab`. */
export function guestFacts(
  name: string,
  rest: Partial<GuestFacts> & { readonly base?: string; readonly image?: string } = {},
): GuestFacts {
  const { base = '0'.repeat(16), image = 'fast', ...facts } = rest
  const kind = facts.template ? 'template' : 'machine'
  return {
    vmid: 20001,
    node: 'pve1',
    name,
    marker: { project: 'lab', name, kind, image, base, spec: '', ...(facts.template && { storage: 'disks' }) },
    template: false,
    status: 'stopped',
    config: {},
    ...facts,
  }
}

/** Returns a machine as it would be after a run: its config is what the manifest wants. */
export function machineAsDeclared(
  desired: Desired,
  name: string,
  rest: Parameters<typeof guestFacts>[1] = {},
): GuestFacts {
  const machine = desired.machines.find((entry) => entry.name === name)
  if (!machine) throw new Error(`no machine ${name}`)
  const guest = guestFacts(name, { image: machine.image, ...rest })
  const marker = { ...guest.marker, spec: specHash(machine, 'lab') }
  const wanted = wantedConfig(machine, {}, marker)
  const config = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== null))
  // From the template.
  const disk = { scsi0: `${machine.storage.disks}:${guest.vmid}/vm-${guest.vmid}-disk-0.qcow2` }
  const drive = { ide2: `${machine.storage.disks}:${guest.vmid}/vm-${guest.vmid}-cloudinit.qcow2,media=cdrom` }
  return { ...guest, marker, config: { ...disk, ...(machine.cloudInit && drive), ...config, ...rest.config } }
}
