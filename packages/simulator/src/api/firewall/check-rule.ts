// What a firewall rule may say (`verify_rule` of pve-firewall `PVE/Firewall.pm`).
import {
  addressList,
  addressVersion,
  destinationPorts,
  isIcmp6Type,
  isIcmpType,
  sourcePorts,
} from '../../schema/firewall-formats.ts'
import { valueFormats } from '../../schema/formats.ts'
import { type Firewall, type FirewallRule, ipVersionOf } from '../../state/firewall.ts'
import type { World } from '../../world.ts'
import { macros } from './macros.ts'
import type { RulePlace } from './scope.ts'

export interface RuleContext {
  readonly world: World
  readonly place: RulePlace
  /** The configuration of the place. */
  readonly own: Firewall
}

export interface CheckedRule {
  /** Errors by field, in the order of their checks. */
  readonly errors: ReadonlyMap<string, string>
  readonly ipVersion?: 4 | 6
}

const types: Readonly<Record<RulePlace, readonly string[]>> = {
  vm: ['in', 'out', 'group'],
  ct: ['in', 'out', 'group'],
  group: ['in', 'out', 'forward'],
  cluster: ['in', 'out', 'forward', 'group'],
  host: ['in', 'out', 'forward', 'group'],
}

const portProtocols = new Set(['udp', '17', 'udplite', '136', 'tcp', '6', 'dccp', '33', 'sctp', '132'])
const icmpProtocols = new Set(['icmp', '1', 'icmpv6', 'ipv6-icmp', '58'])

type Refuse = (field: string, why: string) => void

/** Returns the first error of each field. Also replaces the name of a macro by its proper spelling. */
export function checkRule({ fields }: FirewallRule, context: RuleContext): CheckedRule {
  const errors = new Map<string, string>()
  const refuse: Refuse = (field, why) => {
    if (!errors.has(field)) errors.set(field, why.trimEnd())
  }
  const version = createVersion()
  checkType(fields, context.place, refuse)
  checkInterface(fields, context.place, refuse)
  const macro = fields.get('macro')
  const known = macro === undefined ? undefined : macros.get(macro.toLowerCase())
  if (known !== undefined) fields.set('macro', known.name)
  else if (macro !== undefined) refuse('macro', `unknown macro '${macro}'`)
  const proto = fields.get('proto') ?? ''
  if (proto === 'icmp') version.set(4)
  if (proto === 'icmpv6' || proto === 'ipv6-icmp') version.set(6)
  checkPorts(fields, refuse)
  for (const key of ['source', 'dest']) checkAddress(key, { fields, context, version, refuse })
  if (known !== undefined && errors.size === 0) checkMacro(fields, known.name, refuse)
  return { errors, ...(version.value && { ipVersion: version.value }) }
}

interface Version {
  value?: 4 | 6
  /** Returns false if the rule already has another version. */
  set(version: 4 | 6 | undefined): boolean
}

function createVersion(): Version {
  const version: Version = {
    set: (next) => {
      if (next === undefined) return true
      if (version.value !== undefined && version.value !== next) return false
      version.value = next
      return true
    },
  }
  return version
}

function checkType(fields: ReadonlyMap<string, string>, place: RulePlace, refuse: Refuse): void {
  const [type, action] = [fields.get('type') ?? '', fields.get('action') ?? '']
  if (type === '') refuse('type', 'missing property')
  if (action === '') refuse('action', 'missing property')
  if (type === '') return
  if (!types[place].includes(type)) refuse('type', `invalid rule type '${type}' for rule_env '${place}'`)
  if (type === 'group') return
  if (type === 'forward' && action === 'REJECT') refuse('action', 'cannot define REJECT rules on forward chain')
  if (action !== '' && !/^(?:ACCEPT|DROP|REJECT)$/.test(action)) refuse('action', `unknown action '${action}'`)
}

function checkInterface(fields: ReadonlyMap<string, string>, place: RulePlace, refuse: Refuse): void {
  const name = fields.get('iface')
  if (name === undefined) return
  if (place === 'group') refuse('type', 'parameter -i not allowed for this rule type')
  if ((place === 'vm' || place === 'ct') && !/^net\d+$/.test(name)) {
    refuse('iface', "value does not match the regex pattern 'net\\d+'")
  }
}

function checkPorts(fields: ReadonlyMap<string, string>, refuse: Refuse): void {
  const proto = fields.get('proto') ?? ''
  const isIcmp = icmpProtocols.has(proto)
  const [dport, sport, icmpType] = [fields.get('dport'), fields.get('sport'), fields.get('icmp-type')]
  if (proto !== '') {
    const error = valueFormats['pve-fw-protocol-spec']?.(proto, '9.2')
    if (error !== undefined) refuse('proto', error)
  }
  if (dport !== undefined) checkPort('dport', dport, { proto, takesIcmp: isIcmp, refuse })
  if (icmpType !== undefined) {
    if (!isIcmp) refuse('proto', "missing property - 'icmp-type' requires this property")
    if (dport !== undefined) refuse('icmp-type', "'icmp-type' cannot be specified together with 'dport'")
    const isKnown = proto === 'icmp' ? isIcmpType(icmpType) : proto === '' || isIcmp6Type(icmpType)
    if (!isKnown) refuse('icmp-type', `invalid icmp-type '${icmpType}' for proto '${proto}'`)
  }
  if (sport !== undefined) checkPort('sport', sport, { proto, takesIcmp: false, refuse })
}

function checkPort(
  key: 'dport' | 'sport',
  value: string,
  { proto, takesIcmp, refuse }: { proto: string; takesIcmp: boolean; refuse: Refuse },
): void {
  const error = takesIcmp ? destinationPorts(value, '9.2') : sourcePorts(value, '9.2')
  if (error !== undefined) refuse(key, error)
  if (proto === '') refuse('proto', `missing property - '${key}' requires this property`)
  if (!portProtocols.has(proto) && !takesIcmp) refuse(key, `protocol '${proto}' does not support ports`)
}

interface AddressContext {
  readonly context: RuleContext
  readonly version: Version
  readonly refuse: Refuse
}

function checkAddress(
  key: string,
  { fields, ...given }: AddressContext & { fields: ReadonlyMap<string, string> },
): void {
  const { version, refuse } = given
  const value = fields.get(key)
  if (value === undefined) return
  const error = addressList(value, '9.2')
  if (error !== undefined) refuse(key, error)
  else if (version.set(addressVersion(value))) checkReference(key, value, given)
  else refuse(key, 'detected mixed ipv4/ipv6 addresses in rule')
}

/** A set or an alias must exist. */
function checkReference(key: string, value: string, given: AddressContext): void {
  const { context, refuse } = given
  const { cluster } = context.world.firewalls
  const [, prefix, set] = /^\+(guest\/|dc\/|sdn\/)?([A-Za-z][A-Za-z0-9\-_]+)$/.exec(value) ?? []
  if (set !== undefined) {
    const isKnown = prefix !== 'sdn/' && (cluster.ipsets.has(set) || context.own.ipsets.has(set))
    if (!isKnown) refuse(key, `no such ipset '${set}'`)
  } else if (value.startsWith('+')) refuse(key, `invalid ipset name '${value}'`)
  else checkAlias(key, value, given)
}

function checkAlias(key: string, value: string, { context, version, refuse }: AddressContext): void {
  const [, scope = '', name] = /^(guest\/|dc\/)?([A-Za-z][A-Za-z0-9\-_]+)$/.exec(value) ?? []
  if (name === undefined) return
  const { cluster } = context.world.firewalls
  const own = scope === 'dc/' ? undefined : context.own.aliases.get(name.toLowerCase())
  const alias = own ?? (scope === 'guest/' ? undefined : cluster.aliases.get(name.toLowerCase()))
  if (alias === undefined) refuse(key, `no such alias '${value}'`)
  else if (!version.set(ipVersionOf(alias.cidr))) refuse(key, 'detected mixed ipv4/ipv6 addresses in rule')
}

/** A rule with a macro may repeat what the macro says, but not contradict it. */
function checkMacro(fields: ReadonlyMap<string, string>, name: string, refuse: Refuse): void {
  for (const rule of macros.get(name.toLowerCase())?.rules ?? []) {
    for (const [key, value] of rule) {
      const own = fields.get(key)
      if (own === undefined || own === value) continue
      refuse(key, `parameter '${key}' already define in macro (value = '${value}')`)
      return
    }
  }
}
