// The network interfaces of a node. Changes wait in a second file until they are applied (pve-manager `API2/Network.pm`).
import { existsSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff'
import { badParameters, failure, notSimulated } from '../../errors.ts'
import { withAttributes } from '../../http/answer.ts'
import { writeWhole } from '../../state/files.ts'
import { type Card, type Interfaces, readInterfaces } from '../../state/interfaces.ts'
import { textOfInterfaces } from '../../state/write-interfaces.ts'
import type { World } from '../../world.ts'
import { type Call, type Endpoint, listOf } from '../call.ts'
import { checkHostAddress } from './host-address.ts'

const all = '/nodes/{node}/network'
const one = `${all}/{iface}`

export const networkEndpoints: readonly Endpoint[] = [
  { path: all, method: 'GET', handle: list },
  { path: all, method: 'POST', handle: create },
  { path: all, method: 'PUT', handle: reload },
  { path: all, method: 'DELETE', handle: revert },
  { path: one, method: 'GET', handle: show },
  { path: one, method: 'PUT', handle: update },
  { path: one, method: 'DELETE', handle: remove },
]

interface Files {
  /** What is in effect. */
  readonly current: string
  /** What the next reload brings into effect. */
  readonly next: string
}

function filesOf(world: World, node: string): Files {
  const current = join(world.root, 'nodes', node, 'etc/network/interfaces')
  return { current, next: `${current}.new` }
}

function currentText(world: World, node: string): string {
  const { current } = filesOf(world, node)
  return existsSync(current) ? readFileSync(current, 'utf8') : installedText(world)
}

function installedText({ bridges }: World): string {
  const bridge = (name: string, index: number): string =>
    [
      `auto ${name}\niface ${name} inet static\n\taddress 10.${99 + index}.0.1/24\n\tbridge-ports none\n\tbridge-stp off`,
      '\tbridge-fd 0\n\tbridge-vlan-aware yes\n\tbridge-vids 2-4094\n',
    ].join('\n')
  return ['auto lo\niface lo inet loopback\n', 'iface eth0 inet manual\n', ...bridges.map(bridge)].join('\n')
}

/** Interfaces as they are written down, including changes that are not applied yet. */
function written({ world, node }: Call): Interfaces {
  const { next } = filesOf(world, node)
  const current = currentText(world, node)
  const active = [...current.matchAll(/^\s*auto\s+(.*)$/gm)].flatMap(([, names = '']) => names.trim().split(/\s+/))
  const text = existsSync(next) ? readFileSync(next, 'utf8') : current
  const found = readInterfaces(text, { physical: ['eth0'], active: new Set(['eth0', ...active]) })
  for (const [name, settings] of world.bridgeSettings) Object.assign(found.cards.get(name) ?? {}, settings)
  return found
}

function save(call: Call, interfaces: Interfaces): void {
  const { next } = filesOf(call.world, call.node)
  writeWhole(next, textOfInterfaces(interfaces))
}

function list(call: Call): unknown {
  const { cards } = written(call)
  const wanted = call.optional('type')
  const rows: Card[] = []
  for (const [iface, card] of cards) {
    if (iface === 'lo' || !isWanted(String(card.type), wanted)) continue
    if (card.type === 'bridge' && !maySeeBridge(call, iface)) continue
    rows.push({ ...card, iface })
  }
  const changes = pendingChanges(call)
  return changes === undefined ? rows : withAttributes(rows, { changes })
}

function isWanted(type: string, wanted: string | undefined): boolean {
  if (wanted === undefined || wanted === 'include_sdn') return true
  return /^any(?:_local)?_bridge$/.test(wanted) ? type === 'bridge' : type === wanted
}

function maySeeBridge({ world, identity, ...call }: Call, bridge: string): boolean {
  const path = `/sdn/zones/localnetwork/${bridge}`
  if (identity.name === 'root@pam' || call.mayAny(path, 'SDN.Audit', 'SDN.Use')) return true
  const paths = world.users.acl.map((entry) => entry.path).filter((each) => each.startsWith(`${path}/`))
  return paths.some((each) => call.mayAny(each, 'SDN.Audit', 'SDN.Use'))
}

function pendingChanges({ world, node }: Call): string | undefined {
  const { current, next } = filesOf(world, node)
  if (!existsSync(next)) return undefined
  const [before, after] = [currentText(world, node), readFileSync(next, 'utf8')]
  if (before === after) return undefined
  const timeOf = (file: string): string => {
    const time = existsSync(file) ? statSync(file).mtime : new Date(world.startedAt)
    return `${time.toISOString().replace('T', ' ').replace('Z', '000000')} +0000`
  }
  const name = '/etc/network/interfaces'
  return createTwoFilesPatch(name, `${name}.new`, before, after, timeOf(current), timeOf(next), {
    context: 3,
    headerOptions: FILE_HEADERS_ONLY,
  })
}

function show(call: Call): Card {
  const card = written(call).cards.get(call.text('iface'))
  if (card === undefined) throw missing()
  return card
}

const missing = (): Error => badParameters({ iface: 'interface does not exist' })

function create(call: Call): null {
  const interfaces = written(call)
  const name = call.text('iface')
  if (interfaces.cards.has(name)) throw badParameters({ iface: 'interface already exists' })
  refuseDuplicates(call, interfaces, name)
  const card = settingsOf(call)
  checkHostAddress(card)
  card.families = familiesOf(card)
  if (call.text('type').startsWith('OVS')) {
    throw failure("Open VSwitch is not installed (need package 'openvswitch-switch')")
  }
  interfaces.cards.set(name, spacedVlans(card))
  save(call, interfaces)
  return null
}

function update(call: Call): null {
  const interfaces = written(call)
  const card = interfaces.cards.get(call.text('iface'))
  if (card === undefined) throw missing()
  if (call.text('type').startsWith('OVS')) throw notSimulated('Open vSwitch')
  for (const key of listOf(call.optional('delete'))) {
    delete card[key]
    const [, suffix] = /^cidr(6?)$/.exec(key) ?? []
    if (suffix !== undefined) for (const part of ['netmask', 'address']) delete card[part + suffix]
  }
  const given = settingsOf(call)
  refuseDuplicates(call, interfaces, call.text('iface'))
  checkHostAddress(given)
  Object.assign(card, spacedVlans(given), { families: familiesOf(given) })
  save(call, interfaces)
  return null
}

function remove(call: Call): null {
  const interfaces = written(call)
  if (!interfaces.cards.delete(call.text('iface'))) throw missing()
  save(call, interfaces)
  return null
}

function revert({ world, node }: Call): null {
  rmSync(filesOf(world, node).next, { force: true })
  return null
}

function reload(call: Call): Promise<string> {
  const { current, next } = filesOf(call.world, call.node)
  return call.task('srvreload', 'networking', async () => {
    if (existsSync(next)) renameSync(next, current)
  })
}

/** The parameters as fields of an interface. An address with its mask in one is split. */
function settingsOf(call: Call): Card {
  const { node: _, iface: __, delete: ___, ...rest } = call.parameters
  const card: Card = { ...rest }
  for (const suffix of ['', '6']) {
    const [, address, mask] = /^(.*)\/(\d+)$/.exec(rest[`cidr${suffix}`] ?? '') ?? []
    if (address === undefined) continue
    for (const key of [`address${suffix}`, `netmask${suffix}`]) {
      if (card[key]) throw badParameters({ [key]: `${key} conflicts with cidr${suffix}` })
    }
    delete card[`cidr${suffix}`]
    Object.assign(card, { [`address${suffix}`]: address, [`netmask${suffix}`]: mask })
  }
  card.method = card.address ? 'static' : 'manual'
  card.method6 = card.address6 ? 'static' : 'manual'
  return card
}

function familiesOf(card: Card): string[] {
  const families = [...(card.address ? ['inet'] : []), ...(card.address6 ? ['inet6'] : [])]
  return families.length === 0 ? ['inet'] : families
}

function spacedVlans(card: Card): Card {
  if (!card.bridge_vids) return card
  const vlans = listOf(String(card.bridge_vids))
  if (vlans.length === 0) throw badParameters({ bridge_vids: 'VLAN list items are empty' })
  return { ...card, bridge_vids: vlans.join(' ') }
}

/** A node has one gateway of each family, and a port belongs to one interface. */
function refuseDuplicates(call: Call, { cards }: Interfaces, name: string): void {
  const others = [...cards].filter(([other]) => other !== name)
  for (const [key, title] of [
    ['gateway', 'Default gateway'],
    ['gateway6', 'Default ipv6 gateway'],
  ] as const) {
    const other = others.find(([, card]) => card[key])
    if (call.optional(key) && other)
      throw badParameters({ [key]: `${title} already exists on interface '${other[0]}'.` })
  }
  const kinds = ['bridge_ports', 'ovs_ports', 'slaves', 'ovs_bonds']
  const parameter = kinds.find((kind) => call.optional(kind))
  if (parameter === undefined) return
  const ports = new Set(kinds.flatMap((kind) => listOf(call.optional(kind))))
  for (const [other, card] of others) {
    const taken = kinds.flatMap((kind) => listOf(String(card[kind] ?? ''))).find((port) => ports.has(port))
    if (taken !== undefined) throw badParameters({ [parameter]: `${taken} is already used on interface '${other}'.` })
  }
}
