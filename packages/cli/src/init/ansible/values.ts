// Converts values of Ansible variables: numbers as text, sizes without a unit, yes and no, and templates.

export type Mapping = Readonly<Record<string, unknown>>

export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Returns a scalar as text. Returns an empty text for anything else. */
export function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}

/** Returns true for values that only Ansible can resolve or decrypt. */
export function isUnreadable(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('{{') || value.includes('{%') || value.includes('$ANSIBLE_VAULT')
  return Array.isArray(value) ? value.some(isUnreadable) : isMapping(value) && Object.values(value).some(isUnreadable)
}

export function wholeNumber(value: unknown): number | undefined {
  return /^\d+$/.test(textOf(value)) ? Number(value) : undefined
}

export function decimal(value: unknown): number | undefined {
  return /^\d+(\.\d+)?$/.test(textOf(value)) ? Number(value) : undefined
}

export function yesOrNo(value: unknown): boolean | undefined {
  if (/^(true|yes|on|1)$/i.test(textOf(value))) return true
  return /^(false|no|off|0)$/i.test(textOf(value)) ? false : undefined
}

/** `2048` with the usual unit, `4G`, `20 GiB` → a size with its unit. */
export function sizeOf(value: unknown, unit: 'MiB' | 'GiB'): string | undefined {
  const [, amount, letter] = /^(\d+) ?(?:([MGT])(?:i?B)?)?$/i.exec(textOf(value)) ?? []
  return amount === undefined ? undefined : `${amount} ${letter ? `${letter.toUpperCase()}iB` : unit}`
}

/** Parses a list, or one text with several words. */
export function wordsOf(value: unknown): readonly string[] {
  const words = Array.isArray(value) ? value.map(textOf) : textOf(value).split(/[;, ]+/)
  return words.filter((word) => word !== '')
}

/** Parses `virtio=BC:…,bridge=vmbr0,tag=5`. A first part without a key gets the key `first`. */
export function propertiesOf(value: unknown, first: string): Readonly<Record<string, string>> {
  const parts = textOf(value)
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
  return Object.fromEntries(
    parts.map((part) => {
      const at = part.indexOf('=')
      return at < 0 ? [first, part] : [part.slice(0, at), part.slice(at + 1)]
    }),
  )
}

/** `web_1` → `web-1`: a valid VM name in Proxmox. */
export function dnsNameOf(text: string): string {
  return text.replaceAll(/[^a-zA-Z0-9.-]+/g, '-').replaceAll(/^-+|-+$/g, '')
}

/** `debian 12` → `debian-12` */
export function imageNameOf(text: string): string {
  return text.replaceAll(/[^a-zA-Z0-9_.-]+/g, '-').replace(/^[-_.]+/, '')
}

/** Removes undefined values from an object. Returns undefined if nothing is left. */
export function known(values: Mapping): Mapping | undefined {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined)
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}
