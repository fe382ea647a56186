// Parses and formats Proxmox's property strings (`virtio=BC:24:…,bridge=vmbr0`,
// `local:100/vm-100-disk-0.qcow2,size=20G`), sizes and tag lists.

/** Returns a config value as text, because Proxmox mixes numbers and strings. Empty for anything else. */
export function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

/** Key → text, in the order of the string. */
export type Properties = ReadonlyMap<string, string>

/**
 * Parses `key=value,…`. A first part without a key belongs to `defaultKey` (PVE::JSONSchema `parse_property_string`).
 * Booleans become `1` and `0`, because Proxmox treats `on`, `yes` and `true` alike.
 */
export function parseProperties(text: unknown, defaultKey: string): Properties {
  const parts = textOf(text)
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
  return new Map(
    parts.map((part) => {
      const at = part.indexOf('=')
      return at === -1 ? [defaultKey, part] : [part.slice(0, at), part.slice(at + 1)]
    }),
  )
}

/** Formats properties. The value of `defaultKey`, if there is one, comes first and without its key. */
export function formatProperties(properties: Properties, defaultKey: string): string {
  const first = properties.get(defaultKey)
  const rest = [...properties].filter(([key]) => key !== defaultKey).map(([key, value]) => `${key}=${value}`)
  return (first === undefined ? rest : [first, ...rest]).join(',')
}

/** Returns `properties` with `changes` applied. `undefined` removes a key. */
export function withProperties(
  properties: Properties,
  changes: Readonly<Record<string, string | number | boolean | undefined>>,
): Properties {
  const result = new Map(properties)
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) result.delete(key)
    else result.set(key, typeof value === 'boolean' ? (value ? '1' : '0') : String(value))
  }
  return result
}

/** Returns true if two sets of properties mean the same. A key that is missing on one side has its default. */
export function sameProperties(
  one: Properties,
  other: Properties,
  defaults: Readonly<Record<string, string>> = {},
): boolean {
  const keys = new Set([...one.keys(), ...other.keys()])
  return [...keys].every((key) => {
    const [left, right] = [one, other].map((properties) => properties.get(key) ?? defaults[key])
    return key === 'size' ? parseSize(left) === parseSize(right) : plain(left) === plain(right)
  })
}

function plain(value: string | undefined): string | undefined {
  if (value === undefined) return undefined
  const text = value.toLowerCase()
  if (['1', 'on', 'yes', 'true'].includes(text)) return '1'
  return ['0', 'off', 'no', 'false'].includes(text) ? '0' : text
}

/** Models of network cards whose name is a key with the MAC as its value: `virtio=BC:24:11:…`. */
const MODELS = /^(virtio|e1000(-8254\d[a-z]*)?|e1000e|i8255\w+|ne2k_(isa|pci)|pcnet|rtl8139|vmxnet3)$/

/** Parses a network card. Splits Proxmox's short form into `model` and `macaddr`. */
export function parseNetworkCard(text: unknown): Properties {
  const result = new Map<string, string>()
  for (const [key, value] of parseProperties(text, 'model')) {
    if (MODELS.test(key)) result.set('model', key).set('macaddr', value.toUpperCase())
    else result.set(key, key === 'macaddr' ? value.toUpperCase() : value)
  }
  return result
}

/** Formats a network card as Proxmox does: `virtio=MAC,bridge=vmbr0,…`. Without a MAC, Proxmox generates one. */
export function formatNetworkCard(card: Properties): string {
  const { model = 'virtio', macaddr, ...rest } = Object.fromEntries(card)
  const others = Object.entries(rest).map(([key, value]) => `${key}=${value}`)
  return [macaddr === undefined ? model : `${model}=${macaddr}`, ...others].join(',')
}

const UNITS = ['', 'K', 'M', 'G', 'T'] as const

/** Returns the bytes of `20G`, `1536M`, `1.5G` or `512`. Undefined for anything else. */
export function parseSize(text: string | undefined): number | undefined {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)([KMGT]?)$/i.exec(text ?? '') ?? []
  if (amount === undefined) return undefined
  const power = (UNITS as readonly string[]).indexOf(unit.toUpperCase())
  return Math.round(Number(amount) * 1024 ** power)
}

/** Formats bytes in the largest unit without a fraction, as Proxmox does (PVE::JSONSchema `format_size`). */
export function formatSize(bytes: number): string {
  const power = bytes === 0 ? 0 : UNITS.findLastIndex((_, index) => bytes % 1024 ** index === 0)
  return `${bytes / 1024 ** power}${UNITS[power] ?? ''}`
}

/** Splits a tag list as it is. Proxmox accepts `;`, `,` and spaces between tags. */
export function splitTags(text: unknown): readonly string[] {
  return textOf(text)
    .split(/[;,\s]+/)
    .filter((tag) => tag !== '')
}

/**
 * Parses a tag list into a sorted set in lower case, to compare it. What is written back must come from `splitTags`: a
 * cluster may keep the case and the order of tags (`tag-style` in datacenter.cfg).
 */
export function parseTags(text: unknown): readonly string[] {
  return [...new Set(splitTags(textOf(text).toLowerCase()))].sort()
}

/** Adds a tag to a list, unless it is there. The other tags stay as they are. */
export function withTag(text: unknown, tag: string): string {
  const tags = splitTags(text)
  return (tags.includes(tag) ? tags : [...tags, tag]).join(';')
}

/** Returns the storage of a volume id. Undefined for `none` or a path. */
export function storageOfVolume(volid: string | undefined): string | undefined {
  return /^([a-zA-Z][\w.-]*):/.exec(volid ?? '')?.[1]
}
