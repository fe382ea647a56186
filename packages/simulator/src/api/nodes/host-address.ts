// Which IPv6 addresses an interface may have (Net::IP's table of types, in pve-manager `API2/Network.pm`).
import { badParameters } from '../../errors.ts'
import { type Card, textAt } from '../../state/interfaces.ts'

/** Prefixes in bits, and the type of the addresses below. The longest one counts. */
const types: readonly (readonly [prefix: string, type: string])[] = [
  ['0'.repeat(128), 'UNSPECIFIED'],
  [`${'0'.repeat(127)}1`, 'LOOPBACK'],
  [`${'0'.repeat(80)}${'1'.repeat(16)}`, 'IPV4MAP'],
  [`00100000000000010000110110111000`, 'DOCUMENTATION'],
  [`0010000000000001${'0'.repeat(16)}`, 'TEREDO'],
  [`0010000000000010`, '6TO4'],
  ['001', 'GLOBAL-UNICAST'],
  ['1111110', 'UNIQUE-LOCAL-UNICAST'],
  ['1111111010', 'LINK-LOCAL-UNICAST'],
  ['11111111', 'MULTICAST'],
]

export function checkHostAddress(card: Card): void {
  const { address6, netmask6 } = card
  if (typeof address6 !== 'string' || address6 === '') return
  if (Number(netmask6) > 128)
    throw badParameters({ netmask: `${textAt(card, 'netmask6')} is not a valid subnet length for ipv6` })
  const bits = bitsOf(address6)
  const type = types.find(([prefix]) => bits.startsWith(prefix))?.[1] ?? 'RESERVED'
  if (/^(?:GLOBAL|UNIQUE-LOCAL|LINK-LOCAL)-UNICAST$/.test(type)) return
  throw badParameters({ address: `${address6} with type '${type}', cannot be used as host IPv6 address.` })
}

function bitsOf(address: string): string {
  const v4 = /(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address)
  const pair = (high: string | undefined, low: string | undefined): string =>
    (Number(high) * 256 + Number(low)).toString(16)
  const text = v4 === null ? address : `${address.slice(0, v4.index)}${pair(v4[1], v4[2])}:${pair(v4[3], v4[4])}`
  const [head = '', tail] = text.split('::')
  const groups = (part: string): string[] => part.split(':').filter(Boolean)
  const [first, last] = [groups(head), groups(tail ?? '')]
  const zeros = '0'.repeat(tail === undefined ? 0 : 8 - first.length - last.length).split('')
  return [...first, ...zeros, ...last].map((group) => Number.parseInt(group, 16).toString(2).padStart(16, '0')).join('')
}
