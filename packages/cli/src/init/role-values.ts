// Values as Ansible's variables hold them: numbers as texts, sizes without a unit, yes and no, and templates.

export type Mapping = Readonly<Record<string, unknown>>

export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A scalar as text; nothing for what is none. */
export function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}

/** Only Ansible can say what it will be, or what it hides. */
export function isUnreadable(value: unknown): boolean {
  return typeof value === 'string' && (value.includes('{{') || value.includes('$ANSIBLE_VAULT'))
}

export function wholeNumber(value: unknown): number | undefined {
  return /^\d+$/.test(textOf(value)) ? Number(value) : undefined
}

export function yesOrNo(value: unknown): boolean | undefined {
  if (/^(true|yes|on|1)$/i.test(textOf(value))) return true
  return /^(false|no|off|0)$/i.test(textOf(value)) ? false : undefined
}

/** `2048` with the role's unit, `4G`, `20 GiB` → a size with its unit. */
export function sizeOf(value: unknown, unit: 'MiB' | 'GiB'): string | undefined {
  const [, amount, letter] = /^(\d+) ?(?:([MGT])(?:i?B)?)?$/i.exec(textOf(value)) ?? []
  return amount === undefined ? undefined : `${amount} ${letter ? `${letter.toUpperCase()}iB` : unit}`
}

/** `web_1` → `web-1`: what Proxmox takes for the name of a machine. */
export function dnsNameOf(text: string): string {
  return text.replaceAll(/[^a-zA-Z0-9.-]+/g, '-').replaceAll(/^-+|-+$/g, '')
}

/** `debian 12` → `debian-12` */
export function imageNameOf(text: string): string {
  return text.replaceAll(/[^a-zA-Z0-9_.-]+/g, '-').replace(/^[-_.]+/, '')
}
