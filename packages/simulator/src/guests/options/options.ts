// Converts options of a create or update call to the form in which Proxmox stores them.
import { randomUUID } from 'node:crypto'
import { normalizeNetwork } from '../../state/drives.ts'
import type { ConfigValue } from '../../state/vm-config.ts'
import type { World } from '../../world.ts'

/** Parameters that concern the call, not the machine. */
const callOptions = new Set([
  'node',
  'vmid',
  'archive',
  'bwlimit',
  'live-restore',
  'pool',
  'start',
  'storage',
  'unique',
  'digest',
  'delete',
  'revert',
  'skiplock',
  'background_delay',
  'import-working-storage',
  'ha-managed',
  'force',
])

export function guestOptions(parameters: Readonly<Record<string, string>>): Map<string, string> {
  return new Map(Object.entries(parameters).filter(([key]) => !callOptions.has(key)))
}

/** Tags are unchanged: see `storedTags`. */
export function normalizeOption({ datacenter }: World, key: string, value: string): string {
  if (/^net\d+$/.test(key)) return normalizeNetwork(value, datacenter.macPrefix)
  return key === 'vmgenid' && value === '1' ? randomUUID() : value
}

/**
 * The boot order of a new machine: first disk, first CD-ROM, first network device. A single space if there are none.
 */
export function defaultBoot(values: ReadonlyMap<string, ConfigValue>): string {
  const keys = ['ide', 'scsi', 'virtio', 'sata'].flatMap((bus) =>
    Array.from({ length: 31 }, (_, index) => `${bus}${index}`),
  )
  const present = keys.filter((key) => values.has(key))
  const isCd = (key: string): boolean => /media=cdrom/.test(String(values.get(key)))
  const devices = [present.find((key) => !isCd(key)), present.find(isCd)].filter((key) => key !== undefined)
  const network = Array.from({ length: 32 }, (_, index) => `net${index}`).find((key) => values.has(key))
  if (network !== undefined) devices.push(network)
  return devices.length === 0 ? ' ' : `order=${devices.join(';')}`
}
