// Formats values as YAML that YAML 1.1 and 1.2 readers understand in the same way.
import { stringify } from 'yaml'

/**
 * Formats a document in block style. All texts are in double quotes, so that none is read as a number, a boolean or a
 * date. Characters that YAML 1.1 forbids or treats as line ends are escaped.
 */
export function yamlText(value: unknown): string {
  const text = stringify(value, { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN', lineWidth: 0 })
  return text.replace(/[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g, escaped)
}

function escaped(character: string): string {
  return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`
}
