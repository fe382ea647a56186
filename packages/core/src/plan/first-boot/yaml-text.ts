// Values → YAML that every reader understands alike, YAML 1.1 and 1.2.
import { stringify } from 'yaml'

/**
 * A document in block style. Every text is in double quotes, so that none can be taken for a number, a boolean or a
 * date; what YAML 1.1 does not allow in a document, or takes for the end of a line, is escaped.
 */
export function yamlText(value: unknown): string {
  const text = stringify(value, { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN', lineWidth: 0 })
  return text.replace(/[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g, escaped)
}

function escaped(character: string): string {
  return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`
}
