// Translates a first boot into Proxmox's own keys, from which it writes the drive, or attaches this program's ISO
// instead.
import type { CloudInit, Machine } from '../../manifest/manifest.ts'
import { textOf } from '../config/property-string.ts'
import type { Config, Counts, WantedConfig } from '../config/wanted-config.ts'
import { addressesOf } from './first-boot.ts'
import { seedVolume } from './seed-documents.ts'

/** The drive that cloud-init reads. The template contains it. */
export const CLOUD_INIT_DRIVE = 'ide2'

interface Asked {
  readonly current: Config
  readonly counts: Counts
  readonly project: string
  readonly macs: readonly (string | undefined)[]
}

export function cloudInitConfig(machine: Machine, { current, counts, project, macs }: Asked): WantedConfig {
  const seed = seedVolume(machine, { project, macs })
  // The ISO contains all documents, and Proxmox's keys would have no drive.
  if (seed !== undefined) return { [CLOUD_INIT_DRIVE]: `${machine.storage.images}:iso/${seed},media=cdrom` }
  if (machine.cloudInit === undefined) return {}
  const wasOurs = textOf(current[CLOUD_INIT_DRIVE]).includes(':iso/')
  return {
    ...(wasOurs && { [CLOUD_INIT_DRIVE]: `${machine.storage.disks}:cloudinit` }),
    ...ownKeys(machine, { current, counts }),
  }
}

type Declared = Pick<Asked, 'current' | 'counts'>

function ownKeys(machine: Machine, { current, counts }: Declared): WantedConfig {
  const { user, password, sshKeys, nameservers, searchDomains, upgrade } = machine.cloudInit as CloudInit
  return {
    ...(user !== undefined && { ciuser: user }),
    ...(password !== undefined && { cipassword: password }),
    ...(counts('cloudInit.sshKeys') && { sshkeys: sshKeys.length > 0 ? encodeKeys(sshKeys) : null }),
    ...addressConfig(machine, { current, counts }),
    ...(counts('cloudInit.dns') && {
      nameserver: nameservers.length > 0 ? nameservers.join(' ') : null,
      searchdomain: searchDomains.length > 0 ? searchDomains.join(' ') : null,
    }),
    ...(upgrade !== undefined && { ciupgrade: upgrade ? 1 : 0 }),
  }
}

const ADDRESS_KEYS = ['addresses', 'ip', 'ip6', 'gateway', 'gateway6'].map((key) => `cloudInit.${key}`)

function addressConfig(machine: Machine, { current, counts }: Declared): WantedConfig {
  if (!ADDRESS_KEYS.some(counts)) return {}
  const addresses = addressesOf(machine)
  const surplus = Object.keys(current)
    .filter((key) => /^ipconfig\d+$/.test(key) && Number(key.slice(8)) >= addresses.length)
    .sort()
  const wanted = addresses.map((address, index) => [`ipconfig${index}`, formatAddress(address) || null] as const)
  return Object.fromEntries([...wanted, ...surplus.map((key) => [key, null] as const)])
}

function formatAddress({ ip, gateway, ip6, gateway6 }: CloudInit['addresses'][number]): string {
  const parts = Object.entries({ ip, gw: gateway, ip6, gw6: gateway6 }).filter(([, value]) => value !== undefined)
  return parts.map(([key, value]) => `${key}=${value}`).join(',')
}

/**
 * Encodes SSH keys. They are percent-encoded before the form is encoded: Proxmox requires double encoding, and no `+`
 * for spaces.
 */
export function encodeKeys(keys: readonly string[]): string {
  const text = keys.map((key) => key.trim()).join('\n')
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** Returns the keys in a config's `sshkeys`. */
export function decodeKeys(text: string): readonly string[] {
  const lines = safelyDecoded(text).split(/\r?\n/)
  return lines.map((line) => line.trim()).filter((line) => line !== '')
}

function safelyDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
