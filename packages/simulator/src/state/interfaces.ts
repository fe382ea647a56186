// The network interfaces of a node, read from the format of `/etc/network/interfaces` (pve-common `Network/Interfaces.pm`).

/** The fields as the API names them: `cidr`, `bridge_ports`. Families without a name are stanzas without one. */
export type Card = Record<string, string | number | readonly string[] | null | undefined>

/** Returns a field that is no list, or an empty text. */
export function textAt(card: Card | undefined, key: string): string {
  const value = card?.[key]
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

export interface Interfaces {
  readonly cards: Map<string, Card>
  /** Other lines, such as `source`. They are kept between the interfaces. */
  readonly lines: readonly { readonly priority: number; readonly text: string }[]
}

/** What the kernel knows: cards of the hardware, and interfaces that are up. */
export interface Links {
  readonly physical: readonly string[]
  readonly active: ReadonlySet<string>
}

const spellings: Readonly<Record<string, string>> = {
  ovs_mtu: 'mtu',
  'bond-slaves': 'slaves',
  bond_slaves: 'slaves',
  'bond-xmit-hash-policy': 'bond_xmit_hash_policy',
  'bond-mode': 'bond_mode',
  'bond-miimon': 'bond_miimon',
  'bridge-vlan-aware': 'bridge_vlan_aware',
  'bridge-fd': 'bridge_fd',
  'bridge-stp': 'bridge_stp',
  'bridge-ports': 'bridge_ports',
  'bridge-vids': 'bridge_vids',
}

const plainOptions = new Set(
  `mtu ovs_type ovs_options ovs_bridge ovs_bonds ovs_ports bridge_fd bridge_vids bridge-access bridge-learning
  bridge-arp-nd-suppress bridge-unicast-flood bridge-multicast-flood bridge-disable-mac-learning bond_miimon
  bond_xmit_hash_policy bond-primary link-type uplink-id vlan-protocol vlan-raw-device vlan-id vxlan-id vxlan-svcnodeip
  vxlan-physdev vxlan-local-tunnelip`.split(/\s+/),
)

const bondModes = 'balance-rr active-backup balance-xor broadcast 802.3ad balance-tlb balance-alb'.split(' ')

export function readInterfaces(text: string, links: Links): Interfaces {
  const cards = new Map<string, Card>()
  const cardOf = (name: string): Card => {
    const card = cards.get(name) ?? {}
    cards.set(name, card)
    return card
  }
  const others: { priority: number; text: string }[] = []
  const lines = text.split('\n')
  let priority = 2
  for (let at = 0; at < lines.length; ) {
    const line = lines[at++] ?? ''
    if (/^\s*#/.test(line)) continue
    const [, started] = /^\s*(?:allow-auto|auto|allow-ovs|allow-hotplug)\s+(.*)$/.exec(line) ?? []
    const [, name, family, method] = /^\s*iface\s+(\S+)(?:\s+(inet6?)\s+(\S+))?\s*$/.exec(line) ?? []
    if (started !== undefined) for (const one of started.split(/\s+/)) cardOf(one).autostart = 1
    else if (name !== undefined) {
      const card = cardOf(name)
      card.priority ??= priority++
      card.families = [...((card.families as string[] | undefined) ?? []), family ?? '']
      at = readStanza(lines, at, { card, family, method })
    } else if (/\w/.test(line)) others.push({ priority: priority++, text: line })
  }
  addLinks(cards, links)
  for (const [name, card] of [...cards].sort(([one], [two]) => (one < two ? -1 : 1))) complete(cards, name, card)
  return { cards, lines: others }
}

interface Stanza {
  readonly card: Card
  readonly family: string | undefined
  readonly method: string | undefined
}

/** Reads the options of a stanza, and returns where the next one begins. */
function readStanza(lines: readonly string[], start: number, { card, family, method }: Stanza): number {
  const suffix = (family ?? '').replace('inet', '')
  if (family !== undefined) card[`method${suffix}`] = method
  let at = start
  for (; at < lines.length; at++) {
    const line = (lines[at] ?? '').trimEnd()
    const [, comment] = /^\s*#(.*)$/.exec(line) ?? []
    const [, option = '', key, value = ''] = /^\s*((\S+)\s+(.+))$/.exec(line) ?? []
    if (comment !== undefined) card[`comments${suffix}`] = `${textAt(card, `comments${suffix}`)}${comment.trimEnd()}\n`
    else if (/^\s*(?:(?:iface|mapping|auto|source|source-directory)\s|allow-)/.test(line) || key === undefined) break
    else readOption(card, suffix, { option, key: spellings[key] ?? key, value })
  }
  return at
}

function readOption(
  card: Card,
  suffix: string,
  { option, key, value }: { option: string; key: string; value: string },
): void {
  if (/^(?:address|netmask|broadcast|gateway)$/.test(key)) card[key + suffix] = value
  else if (plainOptions.has(key)) card[key] = value
  else if (key === 'slaves' || key === 'bridge_ports') {
    const names = value.split(/\s+/).filter((name) => name !== 'none')
    card[key] = [card[key], ...[...new Set(names)].sort()].filter(Boolean).join(' ')
  } else if (key === 'bridge_stp') card[key] = /^\s*(?:on|yes)\s*$/i.test(value) ? 'on' : 'off'
  else if (key === 'bridge_vlan_aware') card[key] = 1
  else if (key === 'bond_mode') card[key] = bondModes[/^\d$/.test(value) ? Number(value) : -1] ?? value
  else card[`options${suffix}`] = [...((card[`options${suffix}`] as string[] | undefined) ?? []), option]
}

function addLinks(cards: Map<string, Card>, { physical, active }: Links): void {
  for (const name of physical) cards.set(name, { ...cards.get(name), exists: 1 })
  for (const name of active) {
    const card = cards.get(name)
    if (card !== undefined) card.active = 1
  }
  if (!cards.has('lo')) cards.set('lo', { priority: 1, method: 'loopback', type: 'loopback', autostart: 1 })
}

/** Adds what follows from the name and the options: the type, the parent of a VLAN, addresses with their masks. */
function complete(cards: Map<string, Card>, name: string, card: Card): void {
  card.type = typeOf(name, card)
  if (card.type === 'bridge') {
    card.bridge_stp ??= 'off'
    if (card.bridge_stp === 'off') card.bridge_fd ??= 0
  }
  const [, base, number] = /^(\S+?)[.:](\d+)$/.exec(name) ?? []
  if (card.type === 'vlan') {
    if (base !== undefined) {
      card['vlan-raw-device'] ||= name.slice(0, name.lastIndexOf('.'))
      card['vlan-id'] = name.slice(name.lastIndexOf('.') + 1)
    } else if (/^vlan\d+$/.test(name)) card['vlan-id'] = name.slice('vlan'.length)
    inherit(cards, card, String(card['vlan-raw-device']))
  } else if (card.type === 'alias' && number !== undefined) inherit(cards, card, base ?? '')
  for (const suffix of ['', '6']) addMask(card, suffix)
  card.method ||= 'manual'
  card.method6 ||= 'manual'
  const comments = textAt(card, 'comments') + textAt(card, 'comments6')
  delete card.comments6
  if (comments !== '') card.comments = comments
  card.families ??= ['inet']
}

/** A VLAN and an alias exist if their parent does. A parent that is nowhere defined appears. */
function inherit(cards: Map<string, Card>, card: Card, parent: string): void {
  const found = cards.get(parent)
  card.exists = found === undefined ? 0 : (found.exists ?? null)
  if (found === undefined) cards.set(parent, { exists: 0 })
}

function typeOf(name: string, card: Card): string {
  if (card.bridge_ports !== undefined) return 'bridge'
  if (/^bond\d+$/.test(name)) return 'bond'
  if (/^\S+:\d+$/.test(name)) return 'alias'
  if (/^\S+\.\d+$/.test(name) || card['vlan-raw-device']) return 'vlan'
  if (card.exists === 1 || /^(?:eth\d+|en[^:.]+|ib[^:.]+|(?:nic|if)\d+)$/.test(name)) return 'eth'
  if (name === 'lo') return 'loopback'
  if (card['vxlan-id']) return 'vxlan'
  return card['link-type'] === 'dummy' ? 'dummy' : 'unknown'
}

function addMask(card: Card, suffix: string): void {
  const address = card[`address${suffix}`]
  if (typeof address !== 'string') return
  const mask = card[`netmask${suffix}`]
  const [, base, bits] = /^(.+)\/(\d+)$/.exec(address) ?? []
  if (base !== undefined) Object.assign(card, { [`address${suffix}`]: base, [`netmask${suffix}`]: bits })
  else if (mask && suffix === '') card.netmask = maskBits(String(mask))
  card[`cidr${suffix}`] =
    base === undefined ? `${address}/${textAt(card, `netmask${suffix}`) || (suffix === '' ? 32 : 128)}` : address
}

/** `24` for `255.255.255.0`. */
export function maskBits(mask: string): string {
  if (/^\d+$/.test(mask)) return mask
  const bits = mask.split('.').map((part) => Number(part).toString(2).padStart(8, '0'))
  return String(bits.join('').replace(/0+$/, '').length)
}
