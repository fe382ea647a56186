// Firewall configurations in Proxmox's own files: one of the cluster, one of each node, one of each guest.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { isIPv6 } from 'node:net'
import { join } from 'node:path'
import { writeWhole } from './files.ts'

/** `type`, `action` and the rest of a rule, as the API names them. */
export interface FirewallRule {
  enabled: boolean
  readonly fields: Map<string, string>
}

export interface FirewallAlias {
  readonly name: string
  readonly cidr: string
  readonly comment?: string
}

export interface IpSetEntry {
  readonly cidr: string
  readonly nomatch: boolean
  readonly comment?: string
}

/** A named list with a comment: a security group or an IP set. */
export interface Named<Item> {
  comment?: string
  items: readonly Item[]
}

export interface Firewall {
  readonly options: Map<string, string>
  /** By name in lower case. */
  readonly aliases: Map<string, FirewallAlias>
  readonly ipsets: Map<string, Named<IpSetEntry>>
  readonly groups: Map<string, Named<FirewallRule>>
  rules: readonly FirewallRule[]
}

export interface Firewalls {
  readonly cluster: Firewall
  ofNode(node: string): Firewall
  ofGuest(vmid: number): Firewall
  save(firewall: Firewall): void
  /** True if there is nothing to configure, and so no file. */
  isEmpty(firewall: Firewall): boolean
  /** Removes the configuration of a guest. */
  remove(vmid: number): void
  /** Gives one guest the configuration of another. */
  copy(vmid: number, to: number): void
}

/** @param directory `etc/pve` */
export function openFirewalls(directory: string): Firewalls {
  const files = new Map<Firewall, string>()
  const opened = new Map<string, Firewall>()
  const open = (name: string): Firewall => {
    const file = join(directory, name)
    const firewall = opened.get(file) ?? parseFirewall(existsSync(file) ? readFileSync(file, 'utf8') : '')
    opened.set(file, firewall)
    files.set(firewall, file)
    return firewall
  }
  const forget = (vmid: number): void => {
    const file = join(directory, `firewall/${vmid}.fw`)
    const firewall = opened.get(file)
    if (firewall !== undefined) files.delete(firewall)
    opened.delete(file)
    rmSync(file, { force: true })
  }
  const save = (firewall: Firewall): void => {
    const file = files.get(firewall)
    if (file === undefined) return
    const text = formatFirewall(firewall)
    if (text === '') rmSync(file, { force: true })
    else writeWhole(file, text)
  }
  const ofGuest = (vmid: number): Firewall => open(`firewall/${vmid}.fw`)
  return {
    cluster: open('firewall/cluster.fw'),
    ofNode: (node) => open(`nodes/${node}/host.fw`),
    ofGuest,
    save,
    isEmpty: (firewall) => formatFirewall(firewall) === '',
    remove: forget,
    copy: (vmid, to) => {
      const text = formatFirewall(ofGuest(vmid))
      forget(to)
      if (text === '') return
      writeWhole(join(directory, `firewall/${to}.fw`), text)
    },
  }
}

/** An entry of a list, as the API returns it. */
export type FirewallRow = Readonly<Record<string, string | number>>

/** Returns the digest of a list or an object as the API makes it, from its keys and values. */
export function digestOf(entries: readonly FirewallRow[]): string {
  const hash = createHash('sha1')
  for (const entry of entries) {
    for (const key of Object.keys(entry).sort()) if (entry[key] !== undefined) hash.update(`${key}:${entry[key]}\n`)
  }
  return hash.digest('hex')
}

export const ipVersionOf = (cidr: string): 4 | 6 => (isIPv6(cidr.split('/')[0] ?? '') ? 6 : 4)

const ruleOptions: Readonly<Record<string, string>> = {
  '-i': 'iface',
  '-p': 'proto',
  '-proto': 'proto',
  '-source': 'source',
  '-dest': 'dest',
  '-dport': 'dport',
  '-sport': 'sport',
  '-log': 'log',
  '-icmp-type': 'icmp-type',
}

function parseFirewall(text: string): Firewall {
  const firewall: Firewall = { options: new Map(), aliases: new Map(), ipsets: new Map(), groups: new Map(), rules: [] }
  let read: (line: string, comment?: string) => void = () => undefined
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line === '' || line.startsWith('#')) continue
    const [, section, name = '', about] = /^\[(\w+)(?:\s+(\S+))?\]\s*(?:#\s*(.*))?$/.exec(line) ?? []
    if (section !== undefined) {
      read = reader(firewall, { section: section.toLowerCase(), name, about })
      continue
    }
    const [, content = '', comment] = /^(.*?)\s*(?:#\s*(.*))?$/.exec(line) ?? []
    read(content, comment)
  }
  return firewall
}

/** Returns what reads the lines of a section. */
function reader(
  firewall: Firewall,
  { section, name, about }: { section: string; name: string; about: string | undefined },
): (line: string, comment?: string) => void {
  if (section === 'options') {
    return (line) => {
      const [key = '', ...value] = line.split(':')
      firewall.options.set(key.trim(), value.join(':').trim())
    }
  }
  if (section === 'aliases') {
    return (line, comment) => {
      const [alias = '', cidr = ''] = line.split(/\s+/)
      firewall.aliases.set(alias.toLowerCase(), { name: alias, cidr, ...(comment && { comment }) })
    }
  }
  if (section === 'ipset') {
    const set: Named<IpSetEntry> = { items: [], ...(about && { comment: about }) }
    firewall.ipsets.set(name, set)
    return (line, comment) => {
      const cidr = line.replace(/^!\s*/, '')
      set.items = [...set.items, { cidr, nomatch: line.startsWith('!'), ...(comment && { comment }) }]
    }
  }
  if (section !== 'group') {
    return (line, comment) => {
      firewall.rules = [...firewall.rules, parseRule(line, comment)]
    }
  }
  const group: Named<FirewallRule> = { items: [], ...(about && { comment: about }) }
  firewall.groups.set(name, group)
  return (line, comment) => {
    group.items = [...group.items, parseRule(line, comment)]
  }
}

function parseRule(line: string, comment: string | undefined): FirewallRule {
  const [type = '', what = '', ...rest] = line.replace(/^\|/, '').split(/\s+/)
  const [, macro, action] = /^(\S+)\((\w+)\)$/.exec(what) ?? []
  const fields = new Map([
    ['type', type.toLowerCase()],
    ['action', action ?? what],
  ])
  if (macro !== undefined) fields.set('macro', macro)
  for (let index = 0; index + 1 < rest.length; index += 2) {
    const key = ruleOptions[rest[index] ?? '']
    if (key !== undefined) fields.set(key, rest[index + 1] ?? '')
  }
  if (comment) fields.set('comment', comment)
  return { enabled: !line.startsWith('|'), fields }
}

const byName = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number =>
  one < other ? -1 : 1

function formatFirewall(firewall: Firewall): string {
  const sections = [
    section(
      'OPTIONS',
      [...firewall.options].sort(byName).map(([key, value]) => `${key}: ${value}`),
    ),
    section(
      'ALIASES',
      [...firewall.aliases].sort(byName).map(([, { name, cidr, comment }]) => `${name} ${cidr}${commentOf(comment)}`),
    ),
    ...[...firewall.ipsets]
      .sort(byName)
      .map(([name, { comment, items }]) => named(`IPSET ${name}`, comment, items.map(formatEntry).sort())),
    section('RULES', firewall.rules.map(formatRule)),
    ...[...firewall.groups]
      .sort(byName)
      .map(([name, { comment, items }]) => named(`group ${name}`, comment, items.map(formatRule))),
  ]
  return sections.join('')
}

const commentOf = (comment = ''): string => (comment === '' ? '' : ` # ${comment}`)
const linesOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('')
const section = (title: string, lines: readonly string[]): string =>
  lines.length === 0 ? '' : `[${title}]\n\n${linesOf(lines)}\n`
const named = (title: string, comment: string | undefined, lines: readonly string[]): string =>
  `[${title}]${commentOf(comment)}\n\n${linesOf(lines)}\n`
const formatEntry = ({ cidr, nomatch, comment }: IpSetEntry): string =>
  `${nomatch ? '!' : ''}${cidr}${commentOf(comment)}`

function formatRule({ enabled, fields }: FirewallRule): string {
  const macro = fields.get('macro')
  const action = fields.get('action') ?? ''
  const options = Object.entries(ruleOptions).flatMap(([option, key]) => {
    const value = fields.get(key)
    return value === undefined || option === '-proto' ? [] : [`${option} ${value}`]
  })
  const words = [fields.get('type')?.toUpperCase(), macro === undefined ? action : `${macro}(${action})`, ...options]
  return `${enabled ? '' : '|'}${words.join(' ')}${commentOf(fields.get('comment'))}`
}
