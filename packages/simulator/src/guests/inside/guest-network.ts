// Applies a network document like cloud-init: addresses by card. Versions 1 and 2, and Debian's `interfaces`.
import { parse } from 'yaml'
import type { ConfiguredInterface } from '../../state/boot.ts'
import { asFields, asList, type Fields, plain } from './plain.ts'

type Network = Readonly<Record<string, ConfiguredInterface>>

/** Cards by MAC address. A card that the document does not name stays down. */
export function readNetwork(
  text: string,
  { isInterfaces, macs }: { isInterfaces: boolean; macs: readonly string[] },
): Network {
  if (isInterfaces) return fromInterfaces(text, macs)
  const document = asFields(parse(text, { version: '1.1' }))
  const config = asFields(document.network ?? document)
  return config.version === 2 ? fromVersion2(config) : fromVersion1(config)
}

function fromVersion1(config: Fields): Network {
  const cards = asList(config.config)
    .map(asFields)
    .filter(({ type }) => type === 'physical')
  return Object.fromEntries(
    cards.map((card) => {
      const subnets = asList(card.subnets).map(asFields)
      const ipv4 = subnets.flatMap((subnet) => version1Address(subnet, 4))
      const ipv6 = subnets.flatMap((subnet) => version1Address(subnet, 6))
      return [plain(card.mac_address).toLowerCase(), { name: plain(card.name), ipv4, ipv6 }]
    }),
  )
}

function version1Address({ type, address, netmask }: Fields, family: 4 | 6): readonly string[] {
  const kind = plain(type)
  const isSix = kind.includes('6') || plain(address).includes(':')
  if (isSix !== (family === 6)) return []
  if (kind.startsWith('dhcp') || kind === 'ipv6_slaac') return ['dhcp']
  const text = plain(address)
  return [text.includes('/') ? text : `${text}/${prefixOf(plain(netmask))}`]
}

/** `255.255.255.0` → 24 */
function prefixOf(netmask: string): number {
  if (!netmask.includes('.')) return Number(netmask || 24)
  return netmask.split('.').reduce((bits, part) => bits + Number(part).toString(2).replaceAll('0', '').length, 0)
}

function fromVersion2(config: Fields): Network {
  const cards = Object.entries(asFields(config.ethernets)).map(([id, value]) => ({ id, card: asFields(value) }))
  return Object.fromEntries(
    cards.map(({ id, card }) => {
      const addresses = asList(card.addresses).map((entry) =>
        typeof entry === 'string' ? entry : (Object.keys(asFields(entry))[0] ?? ''),
      )
      const mac = plain(asFields(card.match).macaddress).toLowerCase()
      const ipv4 = [...(card.dhcp4 === true ? ['dhcp'] : []), ...addresses.filter((one) => !one.includes(':'))]
      const ipv6 = [...(card.dhcp6 === true ? ['dhcp'] : []), ...addresses.filter((one) => one.includes(':'))]
      return [mac, { name: plain(card['set-name'], id), ipv4, ipv6 }]
    }),
  )
}

/** Cards are named by their order. */
function fromInterfaces(text: string, macs: readonly string[]): Network {
  const found: Record<string, ConfiguredInterface> = {}
  for (const [index, mac] of macs.entries()) {
    const name = `eth${index}`
    const stanza = (family: string): readonly string[] => {
      const [, method, rest = ''] =
        new RegExp(`^iface ${name} ${family} (\\w+)\n((?:[ \t]+.*\n?)*)`, 'm').exec(text) ?? []
      if (method === undefined) return []
      if (method !== 'static') return ['dhcp']
      const address = /address (\S+)/.exec(rest)?.[1] ?? ''
      return [`${address}/${prefixOf(/netmask (\S+)/.exec(rest)?.[1] ?? '24')}`]
    }
    const [ipv4, ipv6] = [stanza('inet'), stanza('inet6')]
    if (ipv4.length + ipv6.length > 0) found[mac] = { name, ipv4, ipv6 }
  }
  return found
}
