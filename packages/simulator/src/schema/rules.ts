// The shape of the request rules, and the rules themselves: rules.json, made by scripts/generate-rules.mjs.
import table from './rules.json' with { type: 'json' }

/** The API versions the rules know. */
export type ProxmoxVersion = '8.4' | '9.2'

/** What one parameter, or one key of a property string, may be. Missing fields do not restrict. */
export type PropertyRule = {
  readonly type?: string
  readonly optional?: true
  /** The name of a format, or the keys of a property string. */
  readonly format?: string | PropertyRules
  /** A regular expression in JavaScript's dialect; Proxmox puts `^` before and `$` behind it, without parentheses. */
  readonly pattern?: string
  readonly maxLength?: number
  readonly minLength?: number
  readonly maximum?: number
  readonly minimum?: number
  readonly enum?: readonly string[]
  readonly requires?: string
  readonly alias?: string
  readonly keyAlias?: string
  readonly defaultKey?: true
  readonly typeProperty?: string
  readonly instanceTypes?: readonly string[]
  readonly items?: PropertyRule
}

export type PropertyRules = Readonly<Record<string, PropertyRule>>

/** One method of one path: its parameters, who may call it, and which process answers it. */
export type MethodRule = {
  readonly method: string
  /** `/nodes/{node}/qemu/{vmid}` */
  readonly template: string
  readonly parameters: PropertyRules
  /** Where parameters depend on a type: what all types have, and what each has beside. */
  readonly variants?: Variants
  /** Parameters that are not listed are let through. */
  readonly additional: boolean
  /** Answered by pvedaemon (as root) rather than by pveproxy. */
  readonly protected: boolean
  /** The parameter that names the node to answer. */
  readonly proxyTo?: string
  /** Refused to API tokens. */
  readonly ticketOnly: boolean
  /** Proxmox's own expression; `check` is a nested list such as `['perm', '/vms/{vmid}', ['VM.Audit']]`. */
  readonly permissions: { readonly user?: string; readonly check?: readonly unknown[] }
}

export type Variants = {
  readonly common: PropertyRules
  /** The parameter that names the type. */
  readonly property: string
  readonly type: PropertyRule
  readonly byType: Readonly<Record<string, PropertyRules>>
}

type StoredProperty = Omit<PropertyRule, 'format' | 'items'> & {
  readonly format?: string | number
  readonly items?: number
}

const storedProperties = table.properties as readonly StoredProperty[]
const storedFormats = table.formats as readonly Readonly<Record<string, number>>[]
const storedSets = table.parameterSets as readonly Readonly<Record<string, number>>[]

const properties: (PropertyRule | undefined)[] = []
const formats: (PropertyRules | undefined)[] = []
const sets: (PropertyRules | undefined)[] = []

/** All methods of a version, in no particular order. */
export function methodRules(version: ProxmoxVersion): readonly MethodRule[] {
  return table.methods.filter((stored) => stored.versions.includes(version)).map(toMethodRule)
}

function toMethodRule(stored: (typeof table.methods)[number]): MethodRule {
  return {
    method: stored.method,
    template: stored.template,
    parameters: parameterSet(stored.parameters),
    additional: 'additional' in stored,
    protected: 'protected' in stored,
    ...('proxyTo' in stored && typeof stored.proxyTo === 'string' ? { proxyTo: stored.proxyTo } : {}),
    ...('variants' in stored && stored.variants ? { variants: toVariants(stored.variants as StoredVariants) } : {}),
    ticketOnly: 'ticketOnly' in stored,
    permissions: stored.permissions as MethodRule['permissions'],
  }
}

type StoredVariants = {
  readonly common: number
  readonly property: string
  readonly type: number
  readonly byType: Readonly<Record<string, number>>
}

function toVariants({ common, property: name, type, byType }: StoredVariants): Variants {
  const sets = Object.entries(byType).map(([each, set]) => [each, parameterSet(set)] as const)
  return { common: parameterSet(common), property: name, type: property(type), byType: Object.fromEntries(sets) }
}

function parameterSet(index: number): PropertyRules {
  sets[index] ??= expandKeys(storedSets[index] ?? {})
  return sets[index]
}

/** `net[32]` → `net0` … `net31`. */
function expandKeys(stored: Readonly<Record<string, number>>): PropertyRules {
  const rules: Record<string, PropertyRule> = {}
  for (const [name, index] of Object.entries(stored)) {
    const [, base, count] = /^(\w+)\[(\d+)\]$/.exec(name) ?? []
    if (base === undefined) rules[name] = property(index)
    else for (let number = 0; number < Number(count); number++) rules[`${base}${number}`] = property(index)
  }
  return rules
}

function property(index: number): PropertyRule {
  const { format, items, ...rest } = storedProperties[index] ?? {}
  properties[index] ??= {
    ...rest,
    ...(format === undefined ? {} : { format: typeof format === 'number' ? formatRules(format) : format }),
    ...(items === undefined ? {} : { items: property(items) }),
  }
  return properties[index]
}

function formatRules(index: number): PropertyRules {
  formats[index] ??= expandKeys(storedFormats[index] ?? {})
  return formats[index]
}
