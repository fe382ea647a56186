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
  const forms: Forms = { texts: new Set(), base64: new Set() }
  let patterns: readonly RegExp[] | undefined
  const mask = (text: string): string => {
    if (forms.texts.size === 0) return text
    patterns ??= patternsOf(forms)
    return patterns.reduce((masked, pattern) => masked.replace(pattern, MASK), text)
  }
  return {
    hide(...secrets) {
      for (const secret of secrets) addForms(forms, secret ?? '')
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

/** The forms of secrets that are looked for. */
interface Forms {
  readonly texts: Set<string>
  readonly base64: Set<string>
}

/** Adds the forms of a secret: as it is, in other encodings, or inside a longer encoded text. */
function addForms({ texts, base64 }: Forms, secret: string): void {
  const lines = [secret, ...secret.split(/[\r\n]+/)].map((line) => line.trim())
  for (const line of new Set(lines.filter(({ length }) => length >= SHORTEST))) {
    for (const text of writingsOf(line)) texts.add(text)
    for (const text of withinBase64(line)) base64.add(text)
  }
}

/**
 * The secret as it is, and as JSON, a shell, HTML, URL and form encoding and dumps of bytes write it. Proxmox quotes
 * failed commands for a shell, proxies answer with HTML and quote addresses, and programs in a guest log what they got.
 */
function writingsOf(secret: string): readonly string[] {
  const shell = secret.replaceAll("'", "'\\''")
  return [secret, shell, ...inJson(secret), ...inHtml(secret), ...inAddress(secret), ...asBytes(secret)]
}

/** In URL and form encoding, with upper-case and lower-case escapes. Also twice, for an address within an address. */
function inAddress(secret: string): readonly string[] {
  const percent = encodeURIComponent(secret.toWellFormed())
  const code = (sign: string) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`
  const strict = percent.replace(/[!'()*]/g, code)
  // Some encode all that is no letter or digit, so also the hyphens of a UUID.
  const strictest = percent.replace(/[!'()*._~-]/g, code)
  const upper = [percent, strict, strictest, new URLSearchParams({ '': secret }).toString().slice(1)]
  const encoded = [...upper, ...upper.map((text) => text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()))]
  return [...encoded, ...encoded.map(encodeURIComponent)]
}

/**
 * As writers of JSON escape it: only what must be, also `/` (PHP), what is not ASCII (Python, PHP, Perl), or what HTML
 * or JavaScript could misread (Go, Ruby, .NET). Each also within the JSON of another text.
 */
function inJson(secret: string): readonly string[] {
  const json = JSON.stringify(secret).slice(1, -1)
  const ascii = json.replace(/[\u007f-\uffff]/g, codeUnit)
  const texts = [json, ascii, json.replace(/[<>&\u2028\u2029]/g, codeUnit)]
  const strictest = ascii.replace(/\\"|[<>&'+`]/g, codeUnit)
  const escaped = [...texts, ...texts.map((text) => text.replaceAll('/', '\\/')), strictest]
  const upper = escaped.map((text) => text.replace(/\\u[0-9a-f]{4}/g, (code) => `\\u${code.slice(2).toUpperCase()}`))
  const all = [...new Set([...escaped, ...upper])]
  return [...all, ...all.map((text) => JSON.stringify(text).slice(1, -1))]
}

/** `\u00e4`. Of an escaped character, the code of the character. */
function codeUnit(text: string): string {
  return `\\u${(text.codePointAt(text.length - 1) ?? 0).toString(16).padStart(4, '0')}`
}

/** As a dump, and with escapes for bytes beyond ASCII, as Python and shells write them. */
function asBytes(secret: string): readonly string[] {
  const bytes = Buffer.from(secret)
  const escapedBy = (write: (byte: number) => string) =>
    Array.from(bytes, (byte) => (byte < 0x80 ? String.fromCharCode(byte) : write(byte))).join('')
  const hex = bytes.toString('hex')
  return [
    hex,
    hex.toUpperCase(),
    escapedBy((byte) => `\\x${byte.toString(16)}`),
    escapedBy((byte) => `\\${byte.toString(8)}`),
  ]
}

/** HTML must escape only `&` and `<`, and quotes in several ways. */
function inHtml(secret: string): readonly string[] {
  const least = secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  const signs = least.replaceAll('>', '&gt;')
  const quoted = ['&quot;', '&#34;'].map((quote) => signs.replaceAll('"', quote))
  const both = ['&#39;', '&#039;', '&#x27;', '&apos;'].flatMap((quote) =>
    quoted.map((text) => text.replaceAll("'", quote)),
  )
  return [least, signs, ...quoted, ...both]
}

/** A secret of this length does not appear in a text by chance. */
const SHORTEST_ANYWHERE = 16

/**
 * Matches a short form only as a whole word: `other` is not masked in "another". The look at the character before comes
 * after the first one, because V8 is fast only if alternatives begin with a character.
 */
function whole(form: string): string {
  const [first = '', ...rest] = form
  if (form.length >= SHORTEST_ANYWHERE) return escaped(form)
  const before = /^[\p{L}\p{N}]/u.test(form) ? `(?<!${WORD}${first})` : ''
  return `${escaped(first)}${before}${escaped(rest.join(''))}${/[\p{L}\p{N}]$/u.test(form) ? `(?!${WORD})` : ''}`
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
    const inner = text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6))
    const spellings = [inner, inner.replaceAll('+', '-').replaceAll('/', '_')]
    return inner.length < SHORTEST_BASE64 ? [] : spellings
  })
}

function patternsOf({ texts, base64 }: Forms): readonly RegExp[] {
  return [
    ...patternOf(texts, whole, (list) => list),
    // A base64 character that also encodes bits of the neighbouring text can have any value.
    ...patternOf(base64, escaped, (list) => `[\\w+/-]?(?:${list})[\\w+/-]?={0,2}`),
  ]
}

/**
 * A longer form goes before its own beginning, because one secret may be part of another. V8 is fast only if neighbours
 * begin with the same text.
 */
function patternOf(
  forms: ReadonlySet<string>,
  one: (form: string) => string,
  all: (list: string) => string,
): readonly RegExp[] {
  const sorted = [...forms].toSorted((left, right) => (left < right ? 1 : -1))
  return sorted.length === 0 ? [] : [new RegExp(all(sorted.map(one).join('|')), 'gu')]
}

const WORD = '[\\p{L}\\p{N}]'

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
