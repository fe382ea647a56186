// The mapped devices of a machine: which nodes have them, and whether the machine can start with them.
import { failure, sentenceOf } from '../../errors.ts'
import { fieldsOf } from '../../state/fields.ts'
import { entriesFor, type MappingKind } from '../../state/mappings.ts'
import type { VmConfig } from '../../state/vm-config.ts'
import type { World } from '../../world.ts'
import { checkEntry } from './valid-mapping.ts'

export interface MappedDevice {
  /** `hostpci0` */
  readonly key: string
  readonly kind: MappingKind
  /** The name of the mapping. */
  readonly id: string
}

/** Returns mapped devices only, not those with a raw address. */
export function mappedDevices(config: Pick<VmConfig, 'values'>): readonly MappedDevice[] {
  return [...config.values].flatMap(([key, value]) => {
    const kind = kindOf(key)
    if (kind === undefined) return []
    const fields = fieldsOf(String(value), kind === 'dir' ? 'dirid' : 'host')
    const id = fields.get(kind === 'dir' ? 'dirid' : 'mapping')
    return id === undefined ? [] : [{ key, kind, id }]
  })
}

function kindOf(key: string): MappingKind | undefined {
  if (/^hostpci\d+$/.test(key)) return 'pci'
  if (/^usb\d+$/.test(key)) return 'usb'
  return /^virtiofs\d+$/.test(key) ? 'dir' : undefined
}

/** Returns true if the mapping names this node. Undefined if there is no such mapping. */
export function isMappedOn({ mappings }: World, { kind, id }: MappedDevice, node: string): boolean {
  const mapping = mappings.of[kind].get(id)
  return mapping !== undefined && entriesFor(mapping, node).length > 0
}

/** Checks that a machine can start with its mapped devices on this node. @throws the reason if it cannot */
export function checkMappedDevices(world: World, node: string, config: VmConfig): void {
  for (const device of mappedDevices(config)) checkMapped(world, node, device)
}

const words: Readonly<Record<MappingKind, string>> = {
  pci: 'PCI device mapping invalid (hardware probably changed)',
  usb: 'USB Mapping invalid (hardware probably changed)',
  dir: 'directory mapping invalid',
}

function checkMapped(world: World, node: string, { kind, id }: MappedDevice): void {
  const mapping = world.mappings.of[kind].get(id)
  const entries = mapping === undefined ? [] : entriesFor(mapping, node)
  if (mapping === undefined || entries.length === 0) throw failure(missing(kind, { id, node, mapping }))
  if (entries.length > 1 && kind === 'usb') throw failure('More than one USB mapping per host not supported')
  for (const entry of entries) {
    try {
      checkEntry(world, node, { kind, id, mapping, entry })
    } catch (error) {
      throw failure(`${words[kind]}: ${sentenceOf(error)}`)
    }
  }
}

function missing(kind: MappingKind, { id, node, mapping }: { id: string; node: string; mapping: unknown }): string {
  if (kind !== 'dir') return `${kind.toUpperCase()} device mapping not found for '${id}'`
  return mapping === undefined ? `Directory ID ${id} does not exist.` : `No directory mapping for node ${node}.`
}
