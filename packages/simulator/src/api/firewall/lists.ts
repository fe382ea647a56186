// Aliases, IP sets and security groups (pve-firewall `API2/Firewall/Aliases.pm`, `IPSet.pm`, `Groups.pm`).
import { isIPv4 } from 'node:net'
import { badParameters, failure } from '../../errors.ts'
import {
  digestOf,
  type Firewall,
  type FirewallAlias,
  type FirewallRow,
  type IpSetEntry,
  ipVersionOf,
  type Named,
} from '../../state/firewall.ts'
import type { Call, Endpoint } from '../call.ts'
import { groupOf } from './rules.ts'
import { changing, checkDigest, cluster, guests, type Scope } from './scope.ts'

type Row = FirewallRow

const withDigest = (rows: readonly Row[]): readonly Row[] => {
  const digest = digestOf(rows)
  return rows.map((row) => ({ ...row, digest }))
}

const aliasRow = ({ name, cidr, comment }: FirewallAlias): Row => ({
  name,
  cidr: shortened(cidr),
  ipversion: ipVersionOf(cidr),
  ...(comment && { comment }),
})

const aliasRows = (firewall: Firewall): readonly Row[] =>
  [...firewall.aliases].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, alias]) => aliasRow(alias))

/** A network of a single address is written as the address. */
const shortened = (cidr: string): string => cidr.replace(isIPv4(cidr.split('/')[0] ?? '') ? /\/32$/ : /\/128$/, '')

function aliasOf(call: Call, firewall: Firewall): FirewallAlias {
  const alias = firewall.aliases.get(call.text('name').toLowerCase())
  if (alias === undefined) throw badParameters({ name: 'no such alias' })
  return alias
}

const newAlias = (call: Call, name: string): FirewallAlias => {
  const comment = call.optional('comment')
  return { name, cidr: call.text('cidr'), ...(comment && { comment }) }
}

const aliases = (scope: Scope): readonly Endpoint[] => {
  const root = `${scope.root}/aliases`
  const one = `${root}/{name}`
  return [
    { path: root, method: 'GET', handle: (call) => withDigest(aliasRows(scope.of(call))) },
    { path: one, method: 'GET', handle: (call) => aliasRow(aliasOf(call, scope.of(call))) },
    changing(scope, { path: root, method: 'POST' }, (call, firewall) => {
      const name = call.text('name')
      if (firewall.aliases.has(name.toLowerCase())) throw badParameters({ name: `alias '${name}' already exists` })
      firewall.aliases.set(name.toLowerCase(), newAlias(call, name))
    }),
    changing(scope, { path: one, method: 'PUT' }, updateAlias),
    changing(scope, { path: one, method: 'DELETE' }, (call, firewall) => {
      checkDigest(call, digestOf(aliasRows(firewall)))
      firewall.aliases.delete(call.text('name').toLowerCase())
    }),
  ]
}

function updateAlias(call: Call, firewall: Firewall): void {
  checkDigest(call, digestOf(aliasRows(firewall)))
  const key = call.text('name').toLowerCase()
  aliasOf(call, firewall)
  const rename = call.optional('rename')
  const nextKey = rename?.toLowerCase() ?? key
  if (nextKey !== key && firewall.aliases.has(nextKey)) {
    throw badParameters({ name: `alias '${rename}' already exists` })
  }
  firewall.aliases.delete(key)
  firewall.aliases.set(nextKey, newAlias(call, nextKey === key ? call.text('name') : (rename ?? '')))
}

const namedRows = (key: string, lists: ReadonlyMap<string, Named<unknown>>): readonly Row[] =>
  [...lists]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { comment }]) => ({ [key]: name, ...(comment && { comment }) }))

/** Creates a named list, or renames one and changes its comment. */
function createNamed<Item>(
  call: Call,
  lists: Map<string, Named<Item>>,
  { key, noun }: { key: 'name' | 'group'; noun: string },
): void {
  const [name, rename, comment] = [call.text(key), call.optional('rename'), call.optional('comment')]
  if (rename === undefined) {
    if (lists.has(name)) throw badParameters({ [key]: `${noun} '${name}' already exists` })
    lists.set(name, { items: [], ...(comment && { comment }) })
    return
  }
  checkDigest(call, digestOf(namedRows(key, lists)))
  const list = lists.get(rename)
  if (list === undefined) throw badParameters({ [key]: `${noun} '${rename}' does not exist` })
  if (lists.has(name) && name !== rename) throw badParameters({ [key]: `${noun} '${name}' does already exist` })
  lists.delete(rename)
  if (comment !== undefined) list.comment = comment
  lists.set(name, list)
}

function setOf(call: Call, firewall: Firewall): Named<IpSetEntry> {
  const set = firewall.ipsets.get(call.text('name'))
  if (set === undefined) throw failure(`no such IPSet '${call.text('name')}'`)
  return set
}

const entryRow = ({ cidr, nomatch, comment }: IpSetEntry): Row => ({
  cidr,
  ...(nomatch && { nomatch: 1 }),
  ...(comment && { comment }),
})

const entryRows = ({ items }: Named<IpSetEntry>): readonly Row[] =>
  [...items].sort((a, b) => (a.cidr < b.cidr ? -1 : 1)).map(entryRow)

const noEntry = (): Error => badParameters({ cidr: 'no such IP/Network' })

function ipSets(scope: Scope): readonly Endpoint[] {
  const root = `${scope.root}/ipset`
  const [set, entry] = [`${root}/{name}`, `${root}/{name}/{cidr}`]
  return [
    { path: root, method: 'GET', handle: (call) => withDigest(namedRows('name', scope.of(call).ipsets)) },
    changing(scope, { path: root, method: 'POST' }, (call, firewall) =>
      createNamed(call, firewall.ipsets, { key: 'name', noun: 'IPSet' }),
    ),
    { path: set, method: 'GET', handle: (call) => withDigest(entryRows(setOf(call, scope.of(call)))) },
    changing(scope, { path: set, method: 'POST' }, (call, firewall) => addEntry(call, firewall)),
    changing(scope, { path: set, method: 'DELETE' }, (call, firewall) => {
      const { items } = setOf(call, firewall)
      if (items.length > 0 && !call.flag('force')) throw failure(`IPSet '${call.text('name')}' is not empty`)
      firewall.ipsets.delete(call.text('name'))
    }),
    { path: entry, method: 'GET', handle: (call) => showEntry(call, scope.of(call)) },
    changing(scope, { path: entry, method: 'PUT' }, (call, firewall) => updateEntry(call, firewall)),
    changing(scope, { path: entry, method: 'DELETE' }, (call, firewall) => {
      const list = setOf(call, firewall)
      checkDigest(call, digestOf(entryRows(list)))
      list.items = list.items.filter(({ cidr }) => cidr !== call.text('cidr'))
    }),
  ]
}

function addEntry(call: Call, firewall: Firewall): void {
  const list = setOf(call, firewall)
  const given = call.text('cidr')
  const cidr = shortened(given)
  const [, scope = '', alias] = /^(dc\/|guest\/)?([A-Za-z][A-Za-z0-9\-_]+)$/.exec(given) ?? []
  const { cluster: common } = call.world.firewalls
  if (alias !== undefined) {
    const own = scope === 'dc/' ? undefined : firewall.aliases.get(alias.toLowerCase())
    const found = own ?? (scope === 'guest/' ? undefined : common.aliases.get(alias.toLowerCase()))
    if (found === undefined) throw failure(`no such alias '${alias}'`)
  }
  if (list.items.some((item) => item.cidr === cidr)) throw badParameters({ cidr: `address '${cidr}' already exists` })
  if (/\/0+$/.test(cidr)) throw badParameters({ cidr: 'a zero prefix is not allowed in ipset entries' })
  const comment = call.optional('comment')
  list.items = [{ cidr, nomatch: call.flag('nomatch'), ...(comment && { comment }) }, ...list.items]
}

function showEntry(call: Call, firewall: Firewall): Row {
  const found = withDigest(entryRows(setOf(call, firewall))).find(({ cidr }) => cidr === call.text('cidr'))
  if (found === undefined) throw noEntry()
  return found
}

function updateEntry(call: Call, firewall: Firewall): void {
  const list = setOf(call, firewall)
  checkDigest(call, digestOf(entryRows(list)))
  if (!list.items.some(({ cidr }) => cidr === call.text('cidr'))) throw noEntry()
  const comment = call.optional('comment')
  list.items = list.items.map((item) =>
    item.cidr === call.text('cidr')
      ? { cidr: item.cidr, nomatch: call.flag('nomatch'), ...(comment && { comment }) }
      : item,
  )
}

const groupPath = `${cluster.root}/groups`

const groups: readonly Endpoint[] = [
  { path: groupPath, method: 'GET', handle: (call) => withDigest(namedRows('group', cluster.of(call).groups)) },
  changing(cluster, { path: groupPath, method: 'POST' }, (call, firewall) => {
    const rename = call.optional('rename')
    createNamed(call, firewall.groups, { key: 'group', noun: 'Security group' })
    if (rename !== undefined) renameInRules(call, rename)
  }),
  changing(cluster, { path: `${groupPath}/{group}`, method: 'DELETE' }, (call, firewall) => {
    if (groupOf(call, firewall).items.length > 0) throw failure(`Security group '${call.text('group')}' is not empty`)
    firewall.groups.delete(call.text('group'))
  }),
]

/** Rules that use a renamed group use it under its new name. */
function renameInRules(call: Call, old: string): void {
  const { world } = call
  const { firewalls } = world
  const all = [
    firewalls.cluster,
    ...[...world.nodes.keys()].map((node) => firewalls.ofNode(node)),
    ...world.machines.all().map(({ vmid }) => firewalls.ofGuest(vmid)),
  ]
  for (const firewall of all) {
    for (const { fields } of firewall.rules) {
      if (fields.get('type') === 'group' && fields.get('action') === old) fields.set('action', call.text('group'))
    }
    firewalls.save(firewall)
  }
}

export const firewallListEndpoints: readonly Endpoint[] = [
  ...[cluster, ...guests].flatMap((scope) => [...aliases(scope), ...ipSets(scope)]),
  ...groups,
]
