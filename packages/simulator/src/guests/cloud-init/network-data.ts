// Network documents as Proxmox generates them: version 1 for NoCloud, `interfaces` for ConfigDrive and Cloudbase-Init.
import type { VmSection } from '../../state/vm-config.ts'
import { type ConfiguredCard, configuredCards, netmask, splitAddress } from './addresses.ts'
import type { Dns } from './resolver.ts'

/** qemu-server `Cloudinit.pm:nocloud_network` */
export function networkVersion1(config: VmSection, { servers, domains }: Dns): string {
  const list = (title: string, items: readonly string[]): readonly string[] =>
    items.length === 0 ? [] : [`      ${title}:`, ...items.map((item) => `      - '${item}'`)]
  const lines = [
    'version: 1',
    'config:',
    ...configuredCards(config).flatMap(cardLines),
    '    - type: nameserver',
    ...list('address', servers),
    ...list('search', domains),
  ]
  return `${lines.join('\n')}\n`
}

function cardLines(card: ConfiguredCard): readonly string[] {
  const head = [
    '    - type: physical',
    `      name: ${card.name}`,
    `      mac_address: '${card.mac}'`,
    '      subnets:',
  ]
  return [...head, ...subnet4(card), ...subnet6(card)]
}

function subnet4({ ip, gateway }: ConfiguredCard): readonly string[] {
  if (ip === undefined) return []
  if (ip === 'dhcp') return ['      - type: dhcp4']
  const { address, bits } = splitAddress(ip)
  const route = gateway === undefined ? [] : [`        gateway: '${gateway}'`]
  return [
    '      - type: static',
    `        address: '${address}'`,
    `        netmask: '${netmask(Number(bits))}'`,
    ...route,
  ]
}

function subnet6({ ip6, gateway6 }: ConfiguredCard): readonly string[] {
  if (ip6 === undefined) return []
  if (ip6 === 'dhcp') return ['      - type: dhcp6']
  if (ip6 === 'auto') return ['      - type: ipv6_slaac']
  const route = gateway6 === undefined ? [] : [`        gateway: '${gateway6}'`]
  return ['      - type: static6', `        address: '${ip6}'`, ...route]
}

/**
 * qemu-server `Cloudinit.pm:configdrive2_network`. The version for Cloudbase-Init has the name servers at each card.
 */
export function networkInterfaces(
  config: VmSection,
  { isWindows, dns: { servers, domains } }: { readonly isWindows: boolean; readonly dns: Dns },
): string {
  const head = isWindows
    ? ''
    : `auto lo\niface lo inet loopback\n\n        dns_nameservers ${servers.join(' ')}\n        dns_search ${domains.join(' ')}\n`
  const dns = isWindows ? [`        dns-nameservers ${servers.join(' ')}`] : []
  const lines = configuredCards(config).flatMap((card) => [
    `auto ${card.name}`,
    ...stanza(card.name, { family: 'inet', ip: card.ip, gateway: card.gateway, dns }),
    ...stanza(card.name, { family: 'inet6', ip: card.ip6, gateway: card.gateway6, dns }),
  ])
  return head + lines.map((line) => `${line}\n`).join('')
}

interface Stanza {
  readonly family: 'inet' | 'inet6'
  readonly ip: string | undefined
  readonly gateway: string | undefined
  readonly dns: readonly string[]
}

function stanza(name: string, { family, ip, gateway, dns }: Stanza): readonly string[] {
  if (ip === undefined) return []
  if (ip === 'dhcp' || ip === 'auto') return [`iface ${name} ${family} ${ip}`]
  const { address, bits } = splitAddress(ip)
  return [
    `iface ${name} ${family} static`,
    `        address ${address}`,
    `        netmask ${family === 'inet' ? netmask(Number(bits)) : bits}`,
    ...(gateway === undefined ? [] : [`        gateway ${gateway}`]),
    ...dns,
  ]
}
