// Parses `virtio=BC:24:11:00:00:01,bridge=vmbr0` like PVE::JSONSchema::parse_property_string.
import type { PropertyRule, PropertyRules, ProxmoxVersion } from './rules.ts'

/** Why a value is refused: Proxmox's text, which follows `invalid format - `. */
export type Refusal = { readonly refusal: string }

type Parsed = { readonly fields: Readonly<Record<string, string>> }

/** Returns the fields of a property string with aliases resolved and values unchecked, or why it cannot be parsed. */
export function parsePropertyString(rules: PropertyRules, text: string, version: ProxmoxVersion): Parsed | Refusal {
  const fields: Record<string, string> = Object.create(null)
  let hasDefault = false
  for (const part of text.split(',')) {
    if (/^\s*$/.test(part)) continue
    const [, key, value] = /^([^=]+)=(.+)$/.exec(part) ?? []
    if (key !== undefined && value !== undefined) {
      const refusal = addKeyed(rules, fields, key, value, version)
      if (refusal) return { refusal }
    } else if (part.includes('=')) {
      return { refusal: 'missing key in comma-separated list property\n' }
    } else {
      const refusal = addDefault(rules, fields, part, { hasDefault, version })
      if (refusal) return { refusal }
      hasDefault = true
    }
  }
  return { fields }
}

function addKeyed(
  rules: PropertyRules,
  fields: Record<string, string>,
  ...[key, value, version]: [key: string, value: string, version: ProxmoxVersion]
): string | undefined {
  if (key in fields) return `duplicate key in comma-separated list property: ${key}\n`
  let name = key
  const alias = ownRule(rules, key)
  if (alias?.alias !== undefined) {
    const { keyAlias } = alias
    if (keyAlias !== undefined) {
      if (keyAlias in fields) return `key alias '${keyAlias}' is already defined\n`
      fields[keyAlias] = key
    }
    name = alias.alias
    if (version !== '8.4' && name in fields) return `key '${name}' is already defined (via alias)\n`
  }
  // An unknown key is kept, so that `checkObject` refuses it. Proxmox's own error here is never reached.
  fields[name] = ownRule(rules, name)?.type === 'boolean' ? readBoolean(value) : value
  return undefined
}

function addDefault(
  rules: PropertyRules,
  fields: Record<string, string>,
  ...[value, state]: [value: string, state: { readonly hasDefault: boolean; readonly version: ProxmoxVersion }]
): string | undefined {
  const [name, rule] = Object.entries(rules).find(([, candidate]) => candidate.defaultKey) ?? []
  if (name === undefined) return 'value without key, but schema does not define a default key\n'
  // Perl's truth: a default with the value '0' may be given again.
  if (state.hasDefault || (fields[name] ?? '0') !== '0') {
    return `duplicate key in comma-separated list property: ${name}\n`
  }
  // 8.4 accepts `yes` only after a key: it refuses `agent=yes`, but not `agent=enabled=yes` (pve-common ac547b8).
  fields[name] = rule?.type === 'boolean' && state.version !== '8.4' ? readBoolean(value) : value
  return undefined
}

function readBoolean(value: string): string {
  if (/^(1|on|yes|true)$/i.test(value)) return '1'
  return /^(0|off|no|false)$/i.test(value) ? '0' : value
}

function ownRule(rules: PropertyRules, name: string): PropertyRule | undefined {
  return Object.hasOwn(rules, name) ? rules[name] : undefined
}
