// The last net for secrets: whole secrets are taken out of text that leaves the program, in each form they may take.
//
// What we know to be a secret is never put into a sentence, a plan or a document in the first place. This is for foreign
// text, such as an error of Proxmox that quotes a password.

export interface Masker {
  /** From now on these texts, and each line of them, are secrets. Shorter than four characters, nothing can be told from them. */
  hide(...secrets: readonly (string | undefined)[]): void
  /** The text with `***` in place of each secret. */
  mask(text: string): string
  /** A document with each of its texts masked: keys, numbers and structure stay. */
  maskValues<Value>(value: Value): Value
}

/** Shorter values are part of too many ordinary words to be told from them. */
const SHORTEST = 4
const MASK = '***'

/** A masker that knows no secret yet. */
export function createMasker(): Masker {
  const forms = new Set<string>()
  let pattern: RegExp | undefined
  const mask = (text: string): string => {
    if (forms.size === 0) return text
    pattern ??= patternOf(forms)
    return text.replace(pattern, MASK)
  }
  return {
    hide(...secrets) {
      for (const secret of secrets) for (const form of formsOf(secret ?? '')) forms.add(form)
      pattern = undefined
    },
    mask,
    maskValues: (value) => maskDeep(value, mask),
  }
}

/** The text with `***` in place of each of these secrets. */
export function maskSecrets(text: string, secrets: readonly string[]): string {
  const masker = createMasker()
  masker.hide(...secrets)
  return masker.mask(text)
}

/** The pieces of a pattern for a secret: it stands whole, in other writings, or within more that was encoded. */
function formsOf(secret: string): readonly string[] {
  const lines = [secret, ...secret.split(/[\r\n]+/)].map((line) => line.trim())
  return [...new Set(lines)]
    .filter(({ length }) => length >= SHORTEST)
    .flatMap((line) => [...writingsOf(line).map(whole), ...withinBase64(line)])
}

/** As it stands, and as it stands in a JSON document, an address or a form, in both spellings of the percent signs. */
function writingsOf(secret: string): readonly string[] {
  const percent = encodeURIComponent(secret.toWellFormed())
  const strict = percent.replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
  const encoded = [percent, strict, new URLSearchParams({ '': secret }).toString().slice(1)]
  const lower = encoded.map((text) => text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()))
  return [secret, JSON.stringify(secret).slice(1, -1), ...encoded, ...lower]
}

/** Longer ones are in no text by chance. */
const SHORTEST_ANYWHERE = 16

/** Whole secrets only: `other` is not taken out of "another". */
function whole(form: string): string {
  if (form.length >= SHORTEST_ANYWHERE) return escaped(form)
  return `${/^[\p{L}\p{N}]/u.test(form) ? BEFORE : ''}${escaped(form)}${/[\p{L}\p{N}]$/u.test(form) ? AFTER : ''}`
}

/** The shortest piece of base64 that is there by no chance. */
const SHORTEST_BASE64 = 8

/** Base64 of more than the secret, as of `user:secret`: it can begin at three places in a group of bytes. */
function withinBase64(secret: string): readonly string[] {
  const bytes = Buffer.from(secret)
  return [0, 1, 2].flatMap((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64')
    // A sign that also holds bits of what stands beside the secret can be any.
    const inner = text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6))
    const spellings = [inner, inner.replaceAll('+', '-').replaceAll('/', '_')]
    return inner.length < SHORTEST_BASE64 ? [] : spellings.map((form) => `[\\w+/-]?${escaped(form)}[\\w+/-]?={0,2}`)
  })
}

/** The longest first, for one may be part of another. */
function patternOf(forms: ReadonlySet<string>): RegExp {
  return new RegExp([...forms].toSorted((one, other) => other.length - one.length).join('|'), 'gu')
}

const BEFORE = '(?<![\\p{L}\\p{N}])'
const AFTER = '(?![\\p{L}\\p{N}])'

/** `RegExp.escape` came with Node 24. */
function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}

function maskDeep<Value>(value: Value, mask: (text: string) => string): Value {
  if (typeof value === 'string') return mask(value) as Value
  if (Array.isArray(value)) return value.map((entry) => maskDeep(entry, mask)) as Value
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, maskDeep(entry, mask)])) as Value
}
