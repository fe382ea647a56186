// Reads values from documents of unknown origin: values of the wrong type are ignored.

/** Returns a string, number or boolean as text. */
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
