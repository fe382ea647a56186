// Resource mappings: cluster-wide names for devices and directories of nodes, in Proxmox's own `mapping/*.cfg`.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fieldsOf } from './fields.ts'
import { writeWhole } from './files.ts'

export type MappingKind = 'pci' | 'usb' | 'dir'

export interface Mapping {
  /** One property string for each node. */
  map: readonly string[]
  readonly settings: Map<string, string>
}

export interface Mappings {
  readonly of: Readonly<Record<MappingKind, Map<string, Mapping>>>
  /** SHA-1 of this kind's file. */
  digest(kind: MappingKind): string
  save(): void
}

/** A device of a node. Mappings of it are valid, and machines with it start. */
export interface HostDevice {
  readonly kind: 'pci' | 'usb'
  /** Default: every node. */
  readonly node?: string
  /** `0000:01:00.0`, or `1-2` for a USB port. */
  readonly path: string
  /** Vendor and device: `10de:2204`. */
  readonly id: string
  /** For a PCI device. Default: -1, none. */
  readonly iommuGroup?: number
  /** True if a PCI device supports mediated devices. */
  readonly mdev?: boolean
}

const files: Readonly<Record<MappingKind, string>> = { pci: 'pci.cfg', usb: 'usb.cfg', dir: 'directory.cfg' }
const kinds: readonly MappingKind[] = ['pci', 'usb', 'dir']

export function openMappings(directory: string): Mappings {
  const file = (kind: MappingKind): string => join(directory, files[kind])
  const read = (kind: MappingKind): Map<string, Mapping> =>
    existsSync(file(kind)) ? parseMappings(readFileSync(file(kind), 'utf8')) : new Map()
  const of = { pci: read('pci'), usb: read('usb'), dir: read('dir') }
  return {
    of,
    digest: (kind) => createHash('sha1').update(formatMappings(of[kind])).digest('hex'),
    save: () => {
      for (const kind of kinds) writeWhole(file(kind), formatMappings(of[kind]))
    },
  }
}

function parseMappings(text: string): Map<string, Mapping> {
  const found = new Map<string, Mapping>()
  let current: Mapping | undefined
  for (const line of text.split('\n')) {
    const [, key, value = ''] = /^\t(\S+) (.*)$/.exec(line) ?? []
    if (/^\S+$/.test(line)) {
      current = { map: [], settings: new Map() }
      found.set(line, current)
    } else if (key === 'map' && current !== undefined) current.map = [...current.map, value]
    else if (key !== undefined) current?.settings.set(key, value)
  }
  return found
}

function formatMappings(mappings: ReadonlyMap<string, Mapping>): string {
  const sections = [...mappings].map(([id, { map, settings }]) =>
    [id, ...[...settings].map(([key, value]) => `\t${key} ${value}`), ...map.map((entry) => `\tmap ${entry}`), ''].join(
      '\n',
    ),
  )
  return sections.join('\n')
}

/** Returns the entries of a mapping for one node, by field name. */
export function entriesFor({ map }: Mapping, node: string): readonly ReadonlyMap<string, string>[] {
  return map.map((entry) => fieldsOf(entry)).filter((entry) => entry.get('node') === node)
}
