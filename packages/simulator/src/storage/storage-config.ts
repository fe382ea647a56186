// The storages of the cluster, stored in Proxmox's own `storage.cfg`, and the location of their files.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeWhole } from '../state/files.ts'

export type StorageType = 'dir' | 'nfs' | 'cifs' | 'btrfs' | 'lvmthin' | 'lvm' | 'zfspool' | 'rbd'

export interface StorageConfig {
  readonly id: string
  readonly type: StorageType
  /** The path that users see. `realPath` returns the real one. Block storages have one too, for their devices. */
  path: string
  content: Set<string>
  shared: boolean
  disabled: boolean
  /** Undefined: on every node. */
  nodes?: Set<string>
  /** Settings that are stored and shown but have no effect here. */
  readonly other: Map<string, string>
}

/** The options for a new storage. The rest has defaults for its type. */
export interface StorageOptions {
  readonly id: string
  readonly type?: StorageType
  readonly content?: readonly string[]
  readonly path?: string
  readonly shared?: boolean
  readonly nodes?: readonly string[]
  /** The total size. Default: that of the file system below the data directory. */
  readonly sizeBytes?: number
}

export interface StorageRules {
  /** True if it stores files in folders, false for devices. */
  readonly files: boolean
  readonly formats: readonly string[]
  readonly defaultFormat: string
  readonly content: readonly string[]
  readonly shared: boolean
  /** The volume name of a linked clone contains its base. */
  readonly baseInName: boolean
  readonly linkedClone: boolean
  /** True if it can also link clones of a snapshot. */
  readonly linksSnapshots: boolean
}

const fileContent = ['images', 'rootdir', 'vztmpl', 'iso', 'backup', 'snippets', 'import']
const files = {
  files: true,
  formats: ['raw', 'qcow2', 'vmdk', 'subvol'],
  defaultFormat: 'raw',
  content: fileContent,
  shared: false,
  baseInName: true,
  linkedClone: true,
  linksSnapshots: false,
}
const blocks = {
  files: false,
  formats: ['raw', 'subvol'],
  defaultFormat: 'raw',
  content: ['images', 'rootdir'],
  shared: false,
  baseInName: true,
  linkedClone: true,
  linksSnapshots: false,
}

export const storageRules: Readonly<Record<StorageType, StorageRules>> = {
  dir: files,
  btrfs: { ...files, formats: ['raw', 'subvol'] },
  nfs: { ...files, formats: ['raw', 'qcow2', 'vmdk'], shared: true },
  cifs: { ...files, formats: ['raw', 'qcow2', 'vmdk'], shared: true },
  lvmthin: { ...blocks, formats: ['raw'], baseInName: false, linksSnapshots: true },
  lvm: { ...blocks, formats: ['raw'], baseInName: false, linkedClone: false },
  zfspool: blocks,
  rbd: { ...blocks, formats: ['raw'], shared: true, linksSnapshots: true },
}

const defaultPaths: Readonly<Record<StorageType, (id: string) => string>> = {
  dir: (id) => (id === 'local' ? '/var/lib/vz' : `/srv/${id}`),
  btrfs: (id) => `/srv/${id}`,
  nfs: (id) => `/mnt/pve/${id}`,
  cifs: (id) => `/mnt/pve/${id}`,
  lvmthin: () => '/dev/pve',
  lvm: (id) => `/dev/${id}`,
  zfspool: (id) => `/dev/zvol/${id}`,
  rbd: (id) => `/dev/rbd-pve/${id}`,
}

export function makeStorage(options: StorageOptions): StorageConfig {
  const type = options.type ?? 'dir'
  return {
    id: options.id,
    type,
    path: options.path ?? defaultPaths[type](options.id),
    content: new Set(options.content ?? storageRules[type].content),
    shared: options.shared ?? storageRules[type].shared,
    disabled: false,
    ...(options.nodes && { nodes: new Set(options.nodes) }),
    other: new Map(typeSettings(options.id)[type] ?? []),
  }
}

function typeSettings(id: string): Partial<Record<StorageType, readonly (readonly [string, string])[]>> {
  return {
    nfs: [
      ['server', '192.0.2.10'],
      ['export', `/export/${id}`],
    ],
    cifs: [
      ['server', '192.0.2.10'],
      ['share', id],
    ],
    lvmthin: [
      ['vgname', 'pve'],
      ['thinpool', 'data'],
    ],
    lvm: [['vgname', id]],
    zfspool: [
      ['pool', id],
      ['sparse', '1'],
    ],
    rbd: [
      ['pool', id],
      ['krbd', '0'],
    ],
  }
}

export function isOnNode(storage: StorageConfig, node: string): boolean {
  return storage.nodes === undefined || storage.nodes.has(node)
}

export interface StorageDatabase {
  readonly storages: Map<string, StorageConfig>
  /** The servers and devices that exist: those of the storages at the start (`backendsOf`). */
  readonly backends: Set<string>
  /** SHA-1 of the file. */
  digest(): string
  save(): void
}

export function openStorages(file: string): StorageDatabase {
  const storages = new Map<string, StorageConfig>()
  if (existsSync(file))
    for (const storage of parseStorages(readFileSync(file, 'utf8'))) storages.set(storage.id, storage)
  return {
    storages,
    backends: new Set(),
    digest: () => createHash('sha1').update(formatStorages(storages.values())).digest('hex'),
    save: () => writeWhole(file, formatStorages(storages.values())),
  }
}

export function formatStorages(storages: Iterable<StorageConfig>): string {
  return [...storages].map((storage) => formatStorage(storage)).join('\n')
}

function formatStorage(storage: StorageConfig): string {
  const { type, id, path, content, shared, disabled, nodes, other } = storage
  const lines = [
    `${type}: ${id}`,
    ...(storageRules[type].files || path !== defaultPaths[type](id) ? [`\tpath ${path}`] : []),
    `\tcontent ${[...content].sort().join(',')}`,
    ...(shared && !storageRules[type].shared ? ['\tshared 1'] : []),
    ...(disabled ? ['\tdisable'] : []),
    ...(nodes === undefined ? [] : [`\tnodes ${[...nodes].sort().join(',')}`]),
    ...[...other].map(([key, value]) => `\t${key} ${value}`),
  ]
  return `${lines.join('\n')}\n`
}

function parseStorages(text: string): StorageConfig[] {
  const found: StorageConfig[] = []
  for (const line of text.split('\n')) {
    const heading = /^(\w+): (\S+)$/.exec(line)
    if (heading !== null) {
      const storage = makeStorage({ id: heading[2] ?? '', type: heading[1] as StorageType })
      storage.other.clear()
      found.push(storage)
      continue
    }
    const setting = /^\t(\S+)(?: (.*))?$/.exec(line)
    const storage = found.at(-1)
    if (setting !== null && storage !== undefined) applySetting(storage, setting[1] ?? '', setting[2] ?? '')
  }
  return found
}

export function applySetting(storage: StorageConfig, key: string, value: string): void {
  if (key === 'path') storage.path = value
  else if (key === 'content')
    storage.content = new Set(value.split(',').filter((type) => type !== '' && type !== 'none'))
  else if (key === 'shared') {
    storage.shared = value === '1'
    // That it is not shared can be said too, and is then shown.
    if (storage.shared) storage.other.delete(key)
    else storage.other.set(key, '0')
  } else if (key === 'disable') storage.disabled = value !== '0'
  else if (key === 'nodes' && value === '') delete storage.nodes
  else if (key === 'nodes') storage.nodes = new Set(value.split(','))
  else storage.other.set(key, value)
}

/**
 * Returns the real path of a path that users see. Each node has a root directory; shared storages have one for all
 * nodes.
 */
export function realPath(root: string, storage: StorageConfig, place: { node: string; shown: string }): string {
  return storage.shared ? join(root, 'shared', place.shown) : join(root, 'nodes', place.node, place.shown)
}
