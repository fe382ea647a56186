// Determines what a config change means for the guest: whether cloud-init gets new data, and from which drive.
import { isCloudInitDrive } from '../../manifest/machine-disks.ts'
import { parseNetworkCard, textOf } from '../config/property-string.ts'
import type { Config } from '../config/wanted-config.ts'
import { CLOUD_INIT_DRIVE } from './proxmox-keys.ts'
import { isOtherInstance } from './seed-documents.ts'

export interface ConfigUpdate {
  readonly set: Readonly<Record<string, string | number>>
  readonly remove: readonly string[]
}

export interface FirstBootChange {
  /** When the guest reads it. */
  readonly when: 'boot'
  /** cloud-init runs as on a new machine, with new SSH host keys. */
  readonly impact?: 'new-instance'
  /** True if Proxmox must write its drive again before the guest can read the change. */
  readonly isDriveStale: boolean
}

/**
 * Keys that Proxmox writes to its drive (qemu-server `Cloudinit.pm`). A change of any of them creates a new instance.
 */
export const DRIVE_KEYS = /^(?:name|ciuser|cipassword|ciupgrade|sshkeys|nameserver|searchdomain|ipconfig\d+)$/

/** Returns what an update changes for the next boot, or undefined if nothing. */
export function firstBootChange(update: ConfigUpdate, current: Config): FirstBootChange | undefined {
  const [is, wanted] = [textOf(current[CLOUD_INIT_DRIVE]), update.set[CLOUD_INIT_DRIVE]]
  if (wanted !== undefined) {
    const isNew = isOtherInstance(is, String(wanted))
    return { when: 'boot', isDriveStale: false, ...(isNew && { impact: 'new-instance' }) }
  }
  // An ISO is attached in place of Proxmox's drive, or an adopted machine has none. It may be at any position.
  if (!Object.values(current).some(isCloudInitDrive)) return undefined
  const isTold = [...Object.keys(update.set), ...update.remove].some(
    (key) => DRIVE_KEYS.test(key) || isOtherMac(key, update, current),
  )
  return isTold ? { when: 'boot', impact: 'new-instance', isDriveStale: true } : undefined
}

function isOtherMac(key: string, { set }: ConfigUpdate, current: Config): boolean {
  if (!/^net\d+$/.test(key) || current[key] === undefined) return false
  const mac = (card: unknown) => (card === undefined ? undefined : parseNetworkCard(card).get('macaddr')?.toUpperCase())
  return set[key] !== undefined && mac(set[key]) !== mac(current[key])
}
