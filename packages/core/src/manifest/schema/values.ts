// The single values of a manifest: each with its format and the message for an invalid value.
import { closestMatch } from 'leven'
import * as z from 'zod/mini'

type Description = Parameters<typeof z.globalRegistry.add>[1]

/** Adds what the JSON Schema and the documents say about a value. */
export function described<Schema extends z.ZodMiniType>(schema: Schema, description: Description): Schema {
  const copy = z.clone(schema)
  z.globalRegistry.add(copy, description)
  return copy
}

/** A key that may be left out. */
export function key<Schema extends z.ZodMiniType>(schema: Schema, description: Description) {
  const optional = z.optional(schema)
  z.globalRegistry.add(optional, description)
  return optional
}

/** Creates the message for a value: that it is missing, or what it must be. */
export function say(wanted: string) {
  return ({ input }: { readonly input?: unknown }) => (input === undefined ? 'is missing' : wanted)
}

/** A string that matches a pattern. `wanted` completes a sentence that begins with the key: `must be …`. */
export function text(form: RegExp, wanted: string) {
  return described(z.string({ error: say(wanted) }).check(z.regex(form, wanted)), { errorMessage: wanted })
}

/** Any string that is not empty. */
export function anyText(wanted = 'must be a string that is not empty') {
  return described(z.string({ error: say(wanted) }).check(z.minLength(1, wanted)), { errorMessage: wanted })
}

/** An integer between two limits, both included. */
export function whole(least: number, most: number) {
  const wanted = `must be a whole number from ${least} to ${most}`
  return described(z.int({ error: say(wanted) }).check(z.gte(least, wanted), z.lte(most, wanted)), {
    errorMessage: wanted,
  })
}

/** A number between two limits, both included. */
export function amount(least: number, most: number) {
  const wanted = `must be a number from ${least} to ${most}`
  return described(z.number({ error: say(wanted) }).check(z.gte(least, wanted), z.lte(most, wanted)), {
    errorMessage: wanted,
  })
}

/** `true` or `false`. */
export function flag() {
  const wanted = 'must be `true` or `false`'
  return described(z.boolean({ error: say(wanted) }), { errorMessage: wanted })
}

/** One of a list of words. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  const wanted = `must be one of ${words.map((word) => `\`${word}\``).join(', ')}`
  return described(z.enum(words, { error: ({ input }) => proposing(wanted, meantWord(input, words))({ input }) }), {
    errorMessage: wanted,
  })
}

/** Common other names of some values. */
const WORDS: Readonly<Record<string, string>> = {
  linux: 'l26',
  windows: 'win11',
  uefi: 'ovmf',
  efi: 'ovmf',
  legacy: 'seabios',
  serial: 'serial0',
  nvme: 'scsi',
}

function meantWord(input: unknown, words: readonly string[]): string | undefined {
  if (typeof input !== 'string') return undefined
  const word = input.toLowerCase()
  const near = closestMatch(word, words, { maxDistance: Math.floor(word.length / 3) })
  return [WORDS[word], words.find((one) => one.toLowerCase() === word), near].find(
    (one) => one !== undefined && words.includes(one),
  )
}

/** Adds a suggestion to the message, if there is one. */
function proposing(wanted: string, meant: string | undefined) {
  return say(meant === undefined ? wanted : `${wanted}: did you mean \`${meant}\`?`)
}

const SIZE = /^(?!0+(?:\.0+)? ?[a-zA-Z])(\d+(?:\.\d+)?) ?([mMgGtT])(?:[iI]?[bB])?$/
const SIZE_WANTED = 'must be a size with a unit, such as "2 GiB" or "512 MiB"'

/** Creates the message for a number without its unit. Returns undefined for anything else. */
export function withoutUnit(input: unknown, usualUnit: 'MiB' | 'GiB'): string | undefined {
  const number = typeof input === 'number' || typeof input === 'string' ? Number(input) : Number.NaN
  return Number.isInteger(number) && number > 0
    ? `must be a size with a unit: did you mean "${number} ${usualUnit}"?`
    : undefined
}

/** A size with its unit. As in Proxmox, units are powers of 1024, however they are written. */
export function size(usualUnit: 'MiB' | 'GiB') {
  const error = ({ input }: { readonly input?: unknown }) =>
    input === undefined ? 'is missing' : (withoutUnit(input, usualUnit) ?? SIZE_WANTED)
  return described(z.string({ error }).check(z.regex(SIZE, { error })), {
    description: 'A size with its unit: "2 GiB", "512 MiB". Units are powers of 1024.',
    examples: [usualUnit === 'MiB' ? '2 GiB' : '20 GiB'],
    errorMessage: SIZE_WANTED,
  })
}

/** Returns the bytes of a size such as `2 GiB`. The schema has checked its format. */
export function sizeInBytes(written: string): number {
  const [, number = '0', unit = 'M'] = SIZE.exec(written) ?? []
  const power = { M: 2, G: 3, T: 4 }[unit.toUpperCase()] ?? 2
  return Math.round(Number(number) * 1024 ** power)
}

const DURATION = /^(?!0+ ?[a-z])(\d+) ?(s|sec|m|min|h|d|w)$/
const SECONDS: Readonly<Record<string, number>> = { s: 1, sec: 1, m: 60, min: 60, h: 3600, d: 86_400, w: 604_800 }

/** A duration with its unit. */
export const duration = described(
  text(DURATION, 'must be a duration with a unit, such as "90 s", "15 min", "4 h" or "7 d"'),
  {
    examples: ['4 h'],
  },
)

/** Returns the seconds of a duration such as `15 min`. The schema has checked its format. */
export function durationInSeconds(written: string): number {
  const [, number = '0', unit = 's'] = DURATION.exec(written) ?? []
  return Number(number) * (SECONDS[unit] ?? 1)
}

const LABEL = '[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?'
const DNS_WANTED =
  'must be a valid DNS name: letters, digits and hyphens, no hyphen first or last, at most 63 of them between two dots'
export const dnsName = text(new RegExp(`^(?=.{1,253}$)${LABEL}(\\.${LABEL})*$`), DNS_WANTED)
export const nodeName = text(new RegExp(`^${LABEL}$`), 'must be the name of a node: letters, digits and hyphens')
/** PVE::JSONSchema `pve-storage-id`. */
export const storageName = text(
  /^[a-zA-Z][a-zA-Z0-9\-_.]*[a-zA-Z0-9]$/,
  'must be the name of a storage, such as "local-lvm"',
)
/** PVE::JSONSchema `pve-configid`, for mappings. */
const MAPPING_WANTED = 'must be the name of a resource mapping, such as "gpu"'
const MAPPING = /^[a-zA-Z][a-zA-Z0-9_-]+$/
/** `0000:01:00.0`, `046d:c52b`, `1-1.2`, `/srv/media` */
const RAW_DEVICE =
  /^(?:(?:[0-9a-f]{4}:)?[0-9a-f]{2}:[0-9a-f]{2}(?:\.[0-7])?|[0-9a-f]{4}:[0-9a-f]{4}|\d+-\d+(?:\.\d+)*|\/.*)$/i
function mappingWanted({ input }: { readonly input?: unknown }): string {
  return typeof input === 'string' && RAW_DEVICE.test(input)
    ? `${MAPPING_WANTED}: a token cannot use the address of a device, so create a mapping for it (Datacenter → Resource Mappings)`
    : say(MAPPING_WANTED)({ input })
}
export const mappingName = described(
  z.string({ error: mappingWanted }).check(z.regex(MAPPING, { error: mappingWanted })),
  { errorMessage: MAPPING_WANTED },
)
export const volumeId = text(
  /^[a-zA-Z][a-zA-Z0-9\-_.]*[a-zA-Z0-9]:[^\s:,]+$/,
  'must be a volume, such as "local:import/debian.qcow2"',
)
export const isoVolume = text(
  /^[a-zA-Z][a-zA-Z0-9\-_.]*[a-zA-Z0-9]:iso\/[^\s/,]+\.(iso|ISO|img|IMG)$/,
  'must be an ISO image that is on a storage, such as "local:iso/virtio-win.iso"',
)
const URL_WANTED = 'must be an http or https address'
export const webUrl = described(z.url({ protocol: /^https?$/, error: say(URL_WANTED) }), {
  description: 'An http or https address.',
  errorMessage: URL_WANTED,
})
/** The address of an image. If it is a path, the message suggests `file`. */
export const imageUrl = described(
  z.url({
    protocol: /^https?$/,
    error: ({ input }) => {
      const path = typeof input === 'string' ? pathIn(input) : undefined
      return path === undefined
        ? say(URL_WANTED)({ input })
        : `${URL_WANTED}: for a file on your computer, write \`file: ${path}\``
    },
  }),
  { description: 'An http or https address.', errorMessage: URL_WANTED },
)

function pathIn(written: string): string | undefined {
  const [, path] = /^file:\/\/(\/.*)$/.exec(written) ?? /^((?:~|\.{0,2})\/.*)$/.exec(written) ?? []
  return path ?? (/^[\w.-]+\.(qcow2|img|raw|vmdk|vdi|vhdx|ova|iso)(\.\w+)?$/.test(written) ? `./${written}` : undefined)
}

export const filePath = anyText('must be the path of a file')
export const tag = text(
  /^[a-zA-Z0-9_][a-zA-Z0-9_\-+.]*$/,
  'must be a tag Proxmox accepts: letters, digits, "_", "-", "+", "."; "_", a letter or a digit first',
)
/** The largest id that Proxmox allows. */
export const LARGEST_VMID = 999_999_999
export const vmid = whole(100, LARGEST_VMID)
export const seconds = whole(0, 31_536_000)
const MAC = /^[0-9a-fA-F][02468aceACE](:[0-9a-fA-F]{2}){5}$/
const MAC_WANTED = 'must be a unicast MAC address such as "BC:24:11:00:00:01"'
/** Suggests the usual notation for `bc-24-11-00-00-01` and `bc24.1100.0001`. */
function macWanted({ input }: { readonly input?: unknown }): string {
  const digits = typeof input === 'string' ? input.replace(/[-:.]/g, '').toUpperCase() : ''
  const meant = digits.match(/../g)?.join(':') ?? ''
  return proposing(MAC_WANTED, digits.length === 12 && MAC.test(meant) ? meant : undefined)({ input })
}
export const macAddress = described(z.string({ error: macWanted }).check(z.regex(MAC, { error: macWanted })), {
  errorMessage: MAC_WANTED,
})

const HEX_DIGITS: Readonly<Record<string, number>> = { sha256: 64, sha512: 128 }

/** Explains what is wrong with a text that looks like a digest. Returns undefined for anything else. */
export function digestProblem(input: unknown): string | undefined {
  if (typeof input !== 'string') return undefined
  const [, algorithm = '', digits = ''] = /^(\w+)[:=-](\w+)$/.exec(input) ?? []
  const wanted = HEX_DIGITS[algorithm.toLowerCase()]
  if (wanted !== undefined && !/^[0-9a-f]*$/i.test(digits)) return 'must be a digest of hex digits: 0 to 9 and a to f'
  if (wanted !== undefined && digits.length !== wanted)
    return `must have ${wanted} hex digits after "${algorithm.toLowerCase()}:"; it has ${digits.length}`
  if (wanted !== undefined) return `must be written "${algorithm.toLowerCase()}:${digits.slice(0, 6)}…"`
  if (/^(md5|sha1|sha224|sha384)$/i.test(algorithm)) return `must be SHA-256 or SHA-512, not ${algorithm.toUpperCase()}`
  const bare = Object.entries(HEX_DIGITS).find(([, length]) => input.length === length && /^[0-9a-f]+$/i.test(input))
  return bare && `must name its algorithm: did you mean "${bare[0]}:${input.slice(0, 6)}…"?`
}

const DIGEST = /^(sha256:[0-9a-fA-F]{64}|sha512:[0-9a-fA-F]{128})$/
const DIGEST_WANTED = 'must be "sha256:" and 64 or "sha512:" and 128 hex digits'
export const digest = text(DIGEST, DIGEST_WANTED)

/**
 * For entries with a `count`: `{ from: … }` is the first value of a sequence, a list has one value for each machine.
 */
export function counted<Value extends z.ZodMiniType>(value: Value, wanted: string) {
  return z.union([value, z.strictObject({ from: value }), z.array(value).check(z.minLength(1))], { error: wanted })
}
