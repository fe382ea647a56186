// Decides who writes the documents of a first boot: Proxmox, from its own keys, or this program, on an ISO.
import { isSameName, isText } from './bare-yaml.ts'
import type { FirstBoot } from './first-boot.ts'
import { isOutside } from './gateways.ts'
import { fitsProxmox } from './passwords.ts'

/**
 * Returns why this program's ISO is needed, each reason as a clause without secrets. Empty if Proxmox's drive has the
 * same effect. Proxmox does not quote what it writes (qemu-server `Cloudinit.pm` `cloudinit_userdata`, 8.4 and 9.2).
 */
export function reasonsForCd(boot: FirstBoot): readonly string[] {
  if (hasDocuments(boot)) return ['its own cloud-init documents']
  // cloudbase-init looks for the drive that Proxmox creates for Windows.
  if (boot.windows) return []
  return [...nameReasons(boot), ...accountReasons(boot), ...networkReasons(boot)]
}

export function hasDocuments({ documents }: FirstBoot): boolean {
  return Object.values(documents).some((document) => document !== undefined)
}

function nameReasons({ hostName, fullName, searchDomains }: FirstBoot): readonly string[] {
  const misread = [hostName, fullName].find((name) => !isSameName(name))
  const several = searchDomains.length > 1 && fullName.startsWith(`${hostName}.${searchDomains[0]}`)
  return [
    ...(misread === undefined ? [] : [`cloud-init needs quotes around the name ${misread}`]),
    ...(several ? ['Proxmox would put all search domains into the host name'] : []),
  ]
}

function accountReasons({ user, password, sshKeys }: FirstBoot): readonly string[] {
  return [
    ...(user !== undefined && !isText(user) ? [`cloud-init needs quotes around the user ${user}`] : []),
    ...(password !== undefined && !fitsProxmox(password)
      ? ['Proxmox does not recognise the hash of its password']
      : []),
    ...(sshKeys.every(survivesBare) ? [] : ['cloud-init needs quotes around one of its SSH keys']),
  ]
}

/** Returns true if an SSH key survives without quotes. What YAML reads as a comment must be the key's own comment. */
function survivesBare(key: string): boolean {
  const text = key.trim()
  const read = text.split(/\s#/, 1)[0]?.trimEnd() ?? ''
  return isText(read) && (read === text || /\s\S*AAAA\S+(?:\s|$)/.test(` ${read}`))
}

function networkReasons({ cards }: FirstBoot): readonly string[] {
  const outside = cards.flatMap(({ ip, gateway, ip6, gateway6 }) =>
    [isOutside(gateway, ip) ? gateway : undefined, isOutside(gateway6, ip6) ? gateway6 : undefined].filter(
      (address) => address !== undefined,
    ),
  )
  return outside.length > 0 ? [`its gateway ${outside.join(' and ')} is outside its prefix`] : []
}
