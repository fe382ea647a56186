// The last protection for secrets: masks them in text that leaves the program, in every form in which they may appear.
//
// The program never puts a known secret into a sentence, a plan or a document. This masker is for foreign text, such as
// an error of Proxmox that quotes a password.

/** Replaces secrets in texts. */
export interface Masker {
  /** Adds secrets: these texts and each of their lines. Texts shorter than four characters are ignored. */
  hide(...secrets: readonly (string | undefined)[]): void
  /** Returns the text with `***` in place of each secret. */
  mask(text: string): string
  /** Returns a document with all its texts masked. Keys, numbers and structure are unchanged. */
  maskValues<Value>(value: Value): Value
}

/** Shorter values are part of too many ordinary words. */
const SHORTEST = 4
const MASK = '***'

/** Creates a masker without any secrets. */
export function createMasker(): Masker {
  const forms = new Set<string>()
  let patterns: readonly RegExp[] | undefined
  const mask = (text: string): string => {
    if (forms.size === 0) return text
    patterns ??= patternsOf(forms)
    return patterns.reduce((masked, pattern) => masked.replace(pattern, MASK), text)
  }
  return {
    hide(...secrets) {
      for (const secret of secrets) for (const form of formsOf(secret ?? '')) forms.add(form)
      patterns = undefined
    },
    mask,
    maskValues: (value) => maskDeep(value, mask),
  }
}

/** Returns the text with `***` in place of each of these secrets. */
export function maskSecrets(text: string, secrets: readonly string[]): string {
  const masker = createMasker()
  masker.hide(...secrets)
  return masker.mask(text)
}

/** Returns the patterns for a secret: as it is, in other encodings, or inside a longer encoded text. */
function formsOf(secret: string): readonly string[] {
  const lines = [secret, ...secret.split(/[\r\n]+/)].map((line) => line.trim())
  return [...new Set(lines)]
    .filter(({ length }) => length >= SHORTEST)
    .flatMap((line) => [...writingsOf(line).map(whole), ...withinBase64(line)])
}

/**
 * The secret as it is, and as JSON, a shell, HTML, URL and form encoding write it, with upper-case and lower-case percent
 * escapes. Proxmox quotes failed commands for a shell, and proxies answer with HTML.
 */
function writingsOf(secret: string): readonly string[] {
  const percent = encodeURIComponent(secret.toWellFormed())
  const code = (sign: string) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`
  const strict = percent.replace(/[!'()*]/g, code)
  // Some encode all that is no letter or digit, so also the hyphens of a UUID.
  const strictest = percent.replace(/[!'()*._~-]/g, code)
  const encoded = [percent, strict, strictest, new URLSearchParams({ '': secret }).toString().slice(1)]
  const lower = encoded.map((text) => text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()))
  const json = JSON.stringify(secret).slice(1, -1)
  const shell = secret.replaceAll("'", "'\\''")
  return [secret, json, JSON.stringify(json).slice(1, -1), shell, ...inHtml(secret), ...encoded, ...lower]
}

/** HTML must escape only `&` and `<`, and quotes in two ways. */
function inHtml(secret: string): readonly string[] {
  const least = secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  const signs = least.replaceAll('>', '&gt;')
  const quoted = signs.replaceAll('"', '&quot;')
  return [least, signs, quoted, quoted.replaceAll("'", '&#39;'), quoted.replaceAll("'", '&#x27;')]
}

/** A secret of this length does not appear in a text by chance. */
const SHORTEST_ANYWHERE = 16

/** Matches a secret only as a whole word: `other` is not masked in "another". */
function whole(form: string): string {
  if (form.length >= SHORTEST_ANYWHERE) return escaped(form)
  return `${/^[\p{L}\p{N}]/u.test(form) ? BEFORE : ''}${escaped(form)}${/[\p{L}\p{N}]$/u.test(form) ? AFTER : ''}`
}

/** The shortest piece of base64 that does not appear by chance. */
const SHORTEST_BASE64 = 8

/**
 * Matches base64 of a text that contains the secret, such as `user:secret`. The secret can start at three positions in
 * a group of bytes.
 */
function withinBase64(secret: string): readonly string[] {
  const bytes = Buffer.from(secret)
  return [0, 1, 2].flatMap((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64')
    // A base64 character that also encodes bits of the neighbouring text can have any value.
    const inner = text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6))
    const spellings = [inner, inner.replaceAll('+', '-').replaceAll('/', '_')]
    return inner.length < SHORTEST_BASE64 ? [] : spellings.map((form) => `[\\w+/-]?${escaped(form)}[\\w+/-]?={0,2}`)
  })
}

/**
 * Longest first, because one secret may be part of another. Percent-encoded forms have a pattern of their own: V8 is fast
 * only if neighbours begin with the same text.
 */
function patternsOf(forms: ReadonlySet<string>): readonly RegExp[] {
  const byLength = [...forms].toSorted((one, other) => other.length - one.length)
  const groups = [byLength.filter((form) => form.includes('%')), byLength.filter((form) => !form.includes('%'))]
  return groups.filter(({ length }) => length > 0).map((group) => new RegExp(group.join('|'), 'gu'))
}

const BEFORE = '(?<![\\p{L}\\p{N}])'
const AFTER = '(?![\\p{L}\\p{N}])'

/** `RegExp.escape` exists only since Node 24. */
function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}

function maskDeep<Value>(value: Value, mask: (text: string) => string): Value {
  if (typeof value === 'string') return mask(value) as Value
  if (Array.isArray(value)) return value.map((entry) => maskDeep(entry, mask)) as Value
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, maskDeep(entry, mask)])) as Value
}
