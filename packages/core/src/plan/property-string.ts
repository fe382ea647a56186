// Proxmox's property strings: `local:100/vm-100-disk-0.qcow2,discard=on,size=20G` and the like.

export type Properties = ReadonlyMap<string, string>

/** Reads a property string; a part without `=` belongs to the schema's default key. */
export function parseProperties(text: string, defaultKey: string): Properties {
  const entries = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part): [string, string] => {
      const equals = part.indexOf('=')
      return equals < 0 ? [defaultKey, part] : [part.slice(0, equals).trim(), part.slice(equals + 1).trim()]
    })
  return new Map(entries)
}

/** Writes a property string: the default key's value bare and first, then the others in their order. */
export function formatProperties(properties: Properties, defaultKey: string): string {
  const bare = properties.get(defaultKey)
  const others = [...properties].filter(([key]) => key !== defaultKey).map(([key, value]) => `${key}=${value}`)
  return [...(bare === undefined ? [] : [bare]), ...others].join(',')
}

/** Proxmox's on and off, in all spellings it takes. */
export function isOn(value: string | number | undefined): boolean {
  return value !== undefined && ['1', 'on', 'yes', 'true'].includes(String(value).toLowerCase())
}

const POWERS: Readonly<Record<string, number>> = { '': 0, K: 1, M: 2, G: 3, T: 4 }

/** Bytes of a disk's `size`: `20G`, `1536M`, plain bytes. Nothing for what is none. */
export function diskSizeBytes(size: string | undefined): number | undefined {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)([KMGT]?)$/.exec(size ?? '') ?? []
  return amount === undefined ? undefined : Math.round(Number(amount) * 1024 ** (POWERS[unit] ?? 0))
}
