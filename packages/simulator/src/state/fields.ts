// Reads fields of a property string that is already valid: `virtio=BC:…,bridge=vmbr0` by name.

/** A part without `=` gets the key `defaultKey`. Empty parts are ignored. */
export function fieldsOf(text: string, defaultKey = ''): Map<string, string> {
  const fields = new Map<string, string>()
  for (const part of text.split(',')) {
    if (part.trim() === '') continue
    const equals = part.indexOf('=')
    if (equals < 0) fields.set(defaultKey, part)
    else fields.set(part.slice(0, equals), part.slice(equals + 1))
  }
  return fields
}

/** Returns true if any of these fields differs. */
export function differ(
  one: ReadonlyMap<string, string>,
  other: ReadonlyMap<string, string>,
  keys: readonly string[],
): boolean {
  return keys.some((key) => one.get(key) !== other.get(key))
}

/** Proxmox's words for true. Anything else is false. */
export function isTrue(text: string | undefined): boolean {
  return text !== undefined && /^(?:1|on|yes|true)$/i.test(text)
}
