// Creates a network-config document: version 1, like the one that Proxmox writes (qemu-server `Cloudinit.pm`
// `nocloud_network`).
import type { Card, FirstBoot } from './first-boot.ts'
import { isOnLink, isOutside } from './gateways.ts'
import { yamlText } from './yaml-text.ts'

/** Returns the document, or undefined if nothing is set; then cloud-init uses DHCP by itself. */
export function networkConfigOf(boot: FirstBoot): string | undefined {
  const cards = boot.cards.filter(({ mac }) => mac !== undefined)
  if (cards.length === 0 && boot.nameservers.length === 0 && boot.searchDomains.length === 0) return undefined
  return yamlText(cards.some(isOnLink) ? versionTwo(boot, cards) : versionOne(boot, cards))
}

/**
 * Every version of cloud-init understands version 1 and gives IPv6 its default route. With `routes`, 22.4 to 23.x do
 * not.
 */
function versionOne({ nameservers, searchDomains }: FirstBoot, cards: readonly Card[]): unknown {
  const dns = {
    ...(nameservers.length > 0 && { address: nameservers }),
    ...(searchDomains.length > 0 && { search: searchDomains }),
  }
  return {
    version: 1,
    config: [
      ...cards.map((card) => ({
        type: 'physical',
        name: `eth${card.index}`,
        mac_address: card.mac,
        subnets: [...subnet4(card), ...subnet6(card)],
      })),
      ...(Object.keys(dns).length > 0 ? [{ type: 'nameserver', ...dns }] : []),
    ],
  }
}

function subnet4({ ip, gateway }: Card): readonly unknown[] {
  if (ip === undefined) return []
  if (ip === 'dhcp') return [{ type: 'dhcp4' }]
  return [{ type: 'static', address: ip, ...(gateway !== undefined && { gateway }) }]
}

function subnet6({ ip6, gateway6 }: Card): readonly unknown[] {
  if (ip6 === undefined) return []
  if (ip6 === 'dhcp') return [{ type: 'dhcp6' }]
  if (ip6 === 'auto') return [{ type: 'ipv6_slaac' }]
  return [{ type: 'static6', address: ip6, ...(gateway6 !== undefined && { gateway: gateway6 }) }]
}

/** Only version 2 supports a gateway outside the prefix, so it is used only for that. */
function versionTwo(boot: FirstBoot, cards: readonly Card[]): unknown {
  const dns = {
    ...(boot.nameservers.length > 0 && { addresses: boot.nameservers }),
    ...(boot.searchDomains.length > 0 && { search: boot.searchDomains }),
  }
  const entries = cards.map((card) => [
    `eth${card.index}`,
    {
      match: { macaddress: card.mac },
      'set-name': `eth${card.index}`,
      ...addressing(card),
      ...(Object.keys(dns).length > 0 && { nameservers: dns }),
    },
  ])
  return { version: 2, ethernets: Object.fromEntries(entries) }
}

function addressing(card: Card): Readonly<Record<string, unknown>> {
  const { ip, gateway, ip6, gateway6 } = card
  const addresses = [ip, ip6].filter((address) => address?.includes('/'))
  const routes = [
    ...(isOutside(gateway, ip) ? [{ to: '0.0.0.0/0', via: gateway, 'on-link': true }] : []),
    ...(isOutside(gateway6, ip6) ? [{ to: '::/0', via: gateway6, 'on-link': true }] : []),
  ]
  return {
    ...(ip === 'dhcp' && { dhcp4: true }),
    ...(ip6 === 'dhcp' && { dhcp6: true }),
    ...(ip6 === 'auto' && { 'accept-ra': true }),
    ...(addresses.length > 0 && { addresses }),
    ...(gateway !== undefined && !isOutside(gateway, ip) && { gateway4: gateway }),
    ...(gateway6 !== undefined && !isOutside(gateway6, ip6) && { gateway6 }),
    ...(routes.length > 0 && { routes }),
  }
}
