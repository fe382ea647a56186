// Values of documents that anybody may have written: taken for what they should be, or for nothing.

/** Text, a number or a truth value as text. */
export function plain(value: unknown, otherwise = ''): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : otherwise
}

export type Fields = Readonly<Record<string, unknown>>

export function asFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
}

export const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
