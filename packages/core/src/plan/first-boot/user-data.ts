// Creates user-data: the same settings that Proxmox writes (qemu-server `Cloudinit.pm` `cloudinit_userdata`), but
// quoted.
import { readCloudConfig } from '../../manifest/documents/contradictions.ts'
import type { FirstBoot } from './first-boot.ts'
import { yamlText } from './yaml-text.ts'

/**
 * Returns the `#cloud-config` of a first boot.
 * @param passwordHash replaces the password; on Windows it is the password itself
 */
export function userDataOf(boot: FirstBoot, passwordHash: string | undefined): string {
  const config = cloudConfigOf(boot, passwordHash)
  const vendor = readCloudConfig(boot.documents.vendorData) ?? {}
  return `#cloud-config\n${yamlText(besideVendorData(config, vendor, boot))}`
}

type CloudConfig = Readonly<Record<string, unknown>>

/**
 * Values in vendor-data stay if the manifest does not set them. cloud-init merges user-data over vendor-data, and
 * replaces lists as a whole.
 */
function besideVendorData(config: CloudConfig, vendor: CloudConfig, { upgradeIsDefault }: FirstBoot): CloudConfig {
  const yields = ['hostname', 'fqdn', 'manage_etc_hosts', ...(upgradeIsDefault ? ['package_upgrade'] : [])]
  const own = Object.entries(config).filter(([key]) => !yields.includes(key) || vendor[key] === undefined)
  return Object.fromEntries(
    own.map(([key, value]) => {
      const theirs = vendor[key]
      return [key, Array.isArray(value) && Array.isArray(theirs) ? [...new Set([...theirs, ...value])] : value]
    }),
  )
}

function cloudConfigOf(boot: FirstBoot, passwordHash: string | undefined): CloudConfig {
  const isRoot = boot.user === 'root'
  return {
    hostname: boot.hostName,
    fqdn: boot.fullName,
    manage_etc_hosts: true,
    ...accountOf(boot, passwordHash),
    ...(isRoot && { disable_root: false }),
    ...(boot.sshKeys.length > 0 && { ssh_authorized_keys: boot.sshKeys }),
    chpasswd: { expire: false },
    ...(!isRoot && { users: ['default'] }),
    ...(boot.upgrade && { package_upgrade: true }),
  }
}

/**
 * Returns the account as a mapping. A plain `user` text is deprecated and makes cloud-init report "degraded". A
 * separate `password` would treat some kinds of hashes as plain text.
 */
function accountOf({ user, windows }: FirstBoot, passwordHash: string | undefined): CloudConfig {
  if (windows) return { ...(user !== undefined && { user }), ...(passwordHash && { password: passwordHash }) }
  const account = {
    ...(user !== undefined && { name: user }),
    ...(passwordHash !== undefined && { lock_passwd: false, hashed_passwd: passwordHash }),
  }
  return Object.keys(account).length > 0 ? { user: account } : {}
}
