// Firewall rules of the cluster, of nodes, of guests and of security groups (pve-firewall `API2/Firewall/Rules.pm`).
import { badParameters, failure } from '../../errors.ts'
import { digestOf, type Firewall, type FirewallRow, type FirewallRule } from '../../state/firewall.ts'
import { type Call, type Endpoint, listOf } from '../call.ts'
import { checkRule, type RuleContext } from './check-rule.ts'
import { changing, checkDigest, cluster, guests, host, type RulePlace, type Scope } from './scope.ts'

interface RuleList {
  readonly scope: Scope
  readonly place: RulePlace
  readonly root: string
  read(call: Call, firewall: Firewall): readonly FirewallRule[]
  write(call: Call, firewall: Firewall, rules: readonly FirewallRule[]): void
}

const lists: readonly RuleList[] = [
  ...[cluster, host, ...guests].map(
    (scope): RuleList => ({
      scope,
      place: scope.place,
      root: `${scope.root}/rules`,
      read: (_, firewall) => firewall.rules,
      write: (_, firewall, rules) => {
        firewall.rules = rules
      },
    }),
  ),
  {
    scope: cluster,
    place: 'group',
    root: `${cluster.root}/groups/{group}`,
    read: (call, firewall) => groupOf(call, firewall).items,
    write: (call, firewall, rules) => {
      groupOf(call, firewall).items = rules
    },
  },
]

export const firewallRuleEndpoints: readonly Endpoint[] = lists.flatMap((list): Endpoint[] => {
  const { scope, root } = list
  const one = `${root}/{pos}`
  return [
    { path: root, method: 'GET', handle: (call) => rows(call, list) },
    { path: one, method: 'GET', handle: (call) => show(call, list) },
    changing(scope, { path: root, method: 'POST' }, (call, firewall) => create(call, firewall, list)),
    changing(scope, { path: one, method: 'PUT' }, (call, firewall) => update(call, firewall, list)),
    changing(scope, { path: one, method: 'DELETE' }, (call, firewall) => remove(call, firewall, list)),
  ]
})

export function groupOf(call: Call, firewall: Firewall): { items: readonly FirewallRule[]; comment?: string } {
  const group = firewall.groups.get(call.text('group'))
  if (group === undefined) throw failure(`no such security group '${call.text('group')}'`)
  return group
}

function rows(call: Call, list: RuleList): readonly Record<string, unknown>[] {
  const context = contextOf(call, list)
  const rules = list.read(call, context.own)
  const digest = digestOf(rules.map((rule) => row(rule, context)))
  return rules.map((rule, pos) => {
    const { errors } = checkRule(rule, context)
    return { ...row(rule, context), pos, digest, ...(errors.size > 0 && { errors: Object.fromEntries(errors) }) }
  })
}

const contextOf = (call: Call, { place, scope }: RuleList): RuleContext => ({
  world: call.world,
  place,
  own: scope.of(call),
})

function row(rule: FirewallRule, context: RuleContext): FirewallRow {
  const { ipVersion } = checkRule(rule, context)
  return {
    ...Object.fromEntries(rule.fields),
    enable: rule.enabled ? 1 : 0,
    ...(ipVersion && { ipversion: ipVersion }),
  }
}

function digestOfRules(call: Call, list: RuleList): string {
  const context = contextOf(call, list)
  return digestOf(list.read(call, context.own).map((rule) => row(rule, context)))
}

/** Lines of `Rules.pm` that count the rules of a configuration. Without a file, there is nothing to count. */
const countingLines = { '8.4': { PUT: 357, DELETE: 446 }, '9.2': { PUT: 373, DELETE: 462 } } as const

/** Returns the position of the call, which must exist. */
function positionOf(call: Call, firewall: Firewall, rules: readonly FirewallRule[]): number {
  const position = call.integer('pos')
  if (call.world.firewalls.isEmpty(firewall)) {
    const line = countingLines[call.world.version][call.method === 'PUT' ? 'PUT' : 'DELETE']
    const place = `/usr/share/perl5/PVE/API2/Firewall/Rules.pm line ${line}`
    throw failure(`Can't use an undefined value as an ARRAY reference at ${place}.`)
  }
  if (position >= rules.length) throw failure(`no rule at position ${position}`)
  return position
}

function show(call: Call, list: RuleList): Record<string, unknown> {
  const all = rows(call, list)
  const position = call.integer('pos')
  if (position >= all.length) throw failure(`no rule at position ${position}`)
  return { ...all[position], pos: call.text('pos') }
}

const settable = 'type action macro iface source dest proto log sport dport comment icmp-type'.split(' ')

/** An empty text or `-` removes a field. */
function copyFields(call: Call, rule: FirewallRule): void {
  for (const key of settable) {
    const value = call.optional(key)
    if (value === '' || value === '-') rule.fields.delete(key)
    else if (value !== undefined) rule.fields.set(key, value)
  }
}

function requireValid(rule: FirewallRule, context: RuleContext): void {
  const [error] = checkRule(rule, context).errors
  if (error !== undefined) throw badParameters({ [error[0]]: error[1] })
}

/** A new rule comes first, and is disabled unless the call says otherwise. */
function create(call: Call, firewall: Firewall, list: RuleList): void {
  const rules = list.read(call, firewall)
  const rule: FirewallRule = { enabled: Number(call.optional('enable') ?? 0) > 0, fields: new Map() }
  copyFields(call, rule)
  requireValid(rule, contextOf(call, list))
  list.write(call, firewall, [rule, ...rules])
}

function update(call: Call, firewall: Firewall, list: RuleList): void {
  const rules = list.read(call, firewall)
  checkDigest(call, digestOfRules(call, list))
  const position = positionOf(call, firewall, rules)
  const target = call.optional('moveto')
  if (target !== undefined && Number(target) !== position) {
    list.write(call, firewall, moved(rules, position, Number(target)))
    return
  }
  const old = rules[position]
  const rule: FirewallRule = { enabled: old?.enabled ?? false, fields: new Map(old?.fields) }
  copyFields(call, rule)
  const enable = call.optional('enable')
  if (enable !== undefined) rule.enabled = Number(enable) > 0
  deleteFields(call, rule)
  requireValid(rule, contextOf(call, list))
  list.write(
    call,
    firewall,
    rules.map((each, index) => (index === position ? rule : each)),
  )
}

function deleteFields(call: Call, rule: FirewallRule): void {
  for (const key of listOf(call.optional('delete'))) {
    if (!settable.includes(key) && !['pos', 'digest', 'enable'].includes(key)) {
      throw badParameters({ delete: `no such property ('${key}')` })
    }
    if (key === 'type' || key === 'action')
      throw badParameters({ delete: `unable to delete required property '${key}'` })
    if (key === 'enable') rule.enabled = false
    rule.fields.delete(key)
  }
}

/** Moves a rule before the one at `target`, or to the end. */
function moved(rules: readonly FirewallRule[], position: number, target: number): readonly FirewallRule[] {
  const rule = rules[position]
  if (rule === undefined) return rules
  const others = rules.flatMap((each, index) => (index === position ? [] : index === target ? [rule, each] : [each]))
  return target >= rules.length ? [...others, rule] : others
}

function remove(call: Call, firewall: Firewall, list: RuleList): void {
  const rules = list.read(call, firewall)
  checkDigest(call, digestOfRules(call, list))
  const position = positionOf(call, firewall, rules)
  list.write(
    call,
    firewall,
    rules.filter((_, index) => index !== position),
  )
}
