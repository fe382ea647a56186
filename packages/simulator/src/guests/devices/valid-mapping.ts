// Checks that a mapping matches the devices of a node (pve-guest-common `PVE/Mapping/*.pm:assert_valid`).
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { failure } from '../../errors.ts'
import type { HostDevice, Mapping, MappingKind } from '../../state/mappings.ts'
import type { World } from '../../world.ts'

type Entry = ReadonlyMap<string, string>

interface MappingEntry {
  readonly kind: MappingKind
  readonly id: string
  readonly mapping: Mapping
  readonly entry: Entry
}

/** Checks one entry. @throws Proxmox's error */
export function checkEntry(world: World, node: string, { kind, id, mapping, entry }: MappingEntry): void {
  if (kind === 'dir') checkDirectory(world, node, entry.get('path') ?? '')
  else if (kind === 'usb') checkUsb(devicesOf(world, node, 'usb'), id, entry)
  else checkPci(devicesOf(world, node, 'pci'), { id, mapping, entry })
}

export function devicesOf({ devices }: World, node: string, kind: HostDevice['kind']): readonly HostDevice[] {
  return devices.filter((device) => device.kind === kind && (device.node ?? node) === node)
}

/** The files of a node are below its folder in the data directory. */
export function checkDirectory({ root }: World, node: string, path: string): void {
  const real = join(root, 'nodes', node, path)
  if (!existsSync(real)) throw failure(`Path ${path} does not exist`)
  if (!statSync(real).isDirectory()) throw failure(`Path ${path} exists, but is not a directory`)
}

function checkUsb(devices: readonly HostDevice[], name: string, entry: Entry): void {
  const [path, id] = [entry.get('path'), entry.get('id') ?? '']
  const found = devices.find((device) => (path === undefined ? device.id === id : device.path === path))
  if (found === undefined) throw failure(`usb device '${path ?? id}' not found`)
  if (found.id !== id) throw failure(`'id' does not match for '${name}' (${found.id} != ${id})`)
}

function checkPci(
  devices: readonly HostDevice[],
  { id, mapping, entry }: { id: string; mapping: Mapping; entry: Entry },
): void {
  const paths = (entry.get('path') ?? '').split(';')
  for (const [index, path] of paths.entries()) {
    const whole = /\.[0-9a-f]/i.test(path) ? path : `${path}.0`
    const device = devices.find((one) => one.path === whole)
    if (device === undefined) throw failure(`pci device '${whole}' not found`)
    const configured = new Map([...entry, ['mdev', mapping.settings.get('mdev') ?? '0']])
    const expected = [
      ['id', device.id],
      ...(index === 0 ? [['iommugroup', String(device.iommuGroup ?? -1)] as const] : []),
      ['mdev', device.mdev === true ? '1' : '0'],
    ] as const
    for (const [key, value] of expected) compare(configured.get(key), value, { key, id, path: whole })
  }
}

function compare(
  configured: string | undefined,
  expected: string,
  { key, id, path }: { key: string; id: string; path: string },
): void {
  if (configured === undefined) throw failure(`missing expected property '${key}' for device '${path}'`)
  if (configured !== expected) throw failure(`'${key}' does not match for '${id}' (${expected} != ${configured})`)
}
