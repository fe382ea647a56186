// Converts a value as writing it to a configuration file and reading it back does (qemu-server `check_type`).
import { failure } from '../../errors.ts'
import { findRoute, type PropertyRule, type ProxmoxVersion } from '../../schema/index.ts'
import type { ConfigValue } from '../../state/vm-config.ts'

/**
 * Throws for values that no file can contain: line breaks, and invalid numbers. White space around a value is removed.
 */
export function storedValue(key: string, text: string, version: ProxmoxVersion): ConfigValue {
  const refuse = (why: string): Error => failure(`unable to parse value of '${key}' - ${why}`)
  if (/[\n\r]/.test(text)) throw refuse('property contains a line feed')
  const rule = ruleOf(key, version)
  if (rule?.type === 'boolean') {
    if (/^(?:1|on|yes|true)$/i.test(text)) return 1
    if (/^(?:0|off|no|false)$/i.test(text)) return 0
  } else if (rule?.type === 'integer') {
    if (/^\d+$/.test(text)) return Number(text)
  } else if (rule?.type === 'number') {
    if (/^\d+(?:\.\d+)?$/.test(text)) return text
  } else return plainText(rule, text)
  throw refuse(`type check ('${rule.type}') failed - got '${text}'`)
}

/**
 * Text without a format of its own loses the quotes around it. A single space stays, because it means an empty value.
 */
function plainText(rule: PropertyRule | undefined, text: string): string {
  const bare = rule?.format === undefined ? text.replace(/^"(.*)"$/, '$1') : text
  return bare.trim() === '' ? bare.slice(0, 1) : bare.trim()
}

function ruleOf(key: string, version: ProxmoxVersion): PropertyRule | undefined {
  return findRoute('POST', '/nodes/any/qemu/100/config', version)?.rule.parameters[key]
}
