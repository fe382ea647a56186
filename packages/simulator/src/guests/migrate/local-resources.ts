// Resources besides disks that bind a machine to its node (qemu-server `QemuMigrate/Helpers.pm:check_local_resources`).
import { fieldsOf } from '../../state/fields.ts'
import type { VmConfig } from '../../state/vm-config.ts'
import type { World } from '../../world.ts'
import { isMappedOn, type MappedDevice, mappedDevices } from '../devices/mapped-devices.ts'

export interface LocalResources {
  /** Keys that block any migration, including mapped devices if they do. */
  readonly blocking: readonly string[]
  readonly mapped: readonly (MappedDevice & { readonly isLive: boolean })[]
}

export function localResources(world: World, config: VmConfig, { isRunning }: { isRunning: boolean }): LocalResources {
  const mapped = mappedDevices(config).map((device) => ({ ...device, isLive: isLive(world, device) }))
  const isFree = (key: string): boolean => {
    const device = mapped.find((one) => one.key === key)
    return device?.kind === 'pci' && (device.isLive || !isRunning)
  }
  const tied = [...config.values].filter(([key, value]) => isTied(key, String(value)) && !isFree(key))
  return { blocking: tied.map(([key]) => key), mapped }
}

function isLive({ mappings }: World, { kind, id }: MappedDevice): boolean {
  return mappings.of[kind].get(id)?.settings.get('live-migration-capable') === '1'
}

function isTied(key: string, value: string): boolean {
  if (key === 'ivshmem') return true
  if (/^serial\d+$/.test(key)) return value !== 'socket'
  if (/^usb\d+$/.test(key)) return !/^spice$/i.test(fieldsOf(value, 'host').get('host') ?? '')
  return /^(?:hostpci|parallel|virtiofs)\d+$/.test(key)
}

/** Returns the keys of mapped devices without an entry for a node. */
export function missingOn(world: World, { mapped }: LocalResources, node: string): readonly string[] {
  return mapped.filter((device) => !isMappedOn(world, device, node)).map(({ key }) => key)
}
