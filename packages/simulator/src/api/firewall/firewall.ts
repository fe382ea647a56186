// Firewall: options, references and macros (pve-firewall `API2/Firewall/{Cluster,Host,VM}.pm`). No packet is filtered.
import { badParameters } from '../../errors.ts'
import { findRoute } from '../../schema/index.ts'
import { digestOf, type Firewall, type FirewallRow } from '../../state/firewall.ts'
import { type Call, type Endpoint, listOf } from '../call.ts'
import { firewallListEndpoints } from './lists.ts'
import { macros } from './macros.ts'
import { firewallRuleEndpoints } from './rules.ts'
import { changing, checkDigest, cluster, guests, host, type Scope } from './scope.ts'

type Row = FirewallRow

/** Returns which options there are, and which of them are numbers. */
function optionTypes({ world }: Call, scope: Scope): ReadonlyMap<string, string> {
  const rules = findRoute('PUT', `${scope.root}/options`.replaceAll(/[{}]/g, ''), world.version)?.rule.parameters ?? {}
  const names = Object.keys(rules).filter((name) => !['node', 'vmid', 'delete', 'digest'].includes(name))
  return new Map(names.map((name) => [name, rules[name]?.type ?? 'string']))
}

function optionRow(call: Call, scope: Scope): Row {
  const types = optionTypes(call, scope)
  const options = [...scope.of(call).options].map(([key, value]) => [
    key,
    ['boolean', 'integer', 'number'].includes(types.get(key) ?? '') ? Number(value) : value,
  ])
  return Object.fromEntries(options)
}

const options = (scope: Scope): readonly Endpoint[] => {
  const path = `${scope.root}/options`
  return [
    {
      path,
      method: 'GET',
      handle: (call) => {
        const row = optionRow(call, scope)
        return { ...row, digest: digestOf([row]) }
      },
    },
    changing(scope, { path, method: 'PUT' }, (call, firewall) => setOptions(call, firewall, scope)),
  ]
}

function setOptions(call: Call, firewall: Firewall, scope: Scope): void {
  checkDigest(call, digestOf([optionRow(call, scope)]))
  const types = optionTypes(call, scope)
  const gone = listOf(call.optional('delete'))
  const unknown = gone.find((key) => !types.has(key))
  if (unknown !== undefined) throw badParameters({ delete: `no such option '${unknown}'` })
  for (const key of gone) firewall.options.delete(key)
  for (const key of types.keys()) {
    const value = call.optional(key)
    // A number above 1 enables the cluster's firewall with the time of the change.
    const isTime = key === 'enable' && scope === cluster && Number(value) > 1
    if (value !== undefined)
      firewall.options.set(key, isTime ? String(Math.floor(call.world.clock.now() / 1000)) : value)
  }
}

function references(firewall: Firewall, scope: 'dc' | 'guest', type: string | undefined): readonly Row[] {
  const sets = [...firewall.ipsets].map(([name, { comment }]) => ({ type: 'ipset', name, ref: `+${name}`, comment }))
  const names = [...firewall.aliases.values()].map(({ name, comment }) => ({
    type: 'alias',
    name,
    ref: name,
    comment,
  }))
  return [...sets, ...names]
    .filter((each) => type === undefined || each.type === type)
    .map(({ comment, ...row }) => ({ ...row, scope, ...(comment && { comment }) }))
}

export const firewallEndpoints: readonly Endpoint[] = [
  ...[cluster, host, ...guests].flatMap(options),
  ...firewallRuleEndpoints,
  ...firewallListEndpoints,
  {
    path: `${cluster.root}/refs`,
    method: 'GET',
    handle: (call) => references(cluster.of(call), 'dc', call.optional('type')),
  },
  ...guests.map(
    (scope): Endpoint => ({
      path: `${scope.root}/refs`,
      method: 'GET',
      handle: (call) => [
        ...references(cluster.of(call), 'dc', call.optional('type')),
        ...references(scope.of(call), 'guest', call.optional('type')),
      ],
    }),
  ),
  {
    path: `${cluster.root}/macros`,
    method: 'GET',
    handle: () => [...macros.values()].map(({ name, description }) => ({ macro: name, descr: description })),
  },
]
