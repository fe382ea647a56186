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

/** A secret as it stands, and as it stands in an address, a form, a JSON document, a header or a cloud-init document. */
function formsOf(secret: string): readonly string[] {
  const lines = [secret, ...secret.split(/[\r\n]+/)].map((line) => line.trim())
  return [...new Set(lines)]
    .filter(({ length }) => length >= SHORTEST)
    .flatMap((line) => {
      const base64 = toBase64(line)
      return [
        line,
        encodeURIComponent(line.toWellFormed()),
        new URLSearchParams({ '': line }).toString().slice(1),
        JSON.stringify(line).slice(1, -1),
        base64,
        base64.replace(/=+$/, ''),
        base64.replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_'),
      ]
    })
}

/** Whole secrets only: `other` is not taken out of "another". The longest first, for one may be part of another. */
function patternOf(forms: ReadonlySet<string>): RegExp {
  const alternatives = [...forms]
    .toSorted((one, other) => other.length - one.length)
    .map(
      (form) =>
        `${/^[\p{L}\p{N}]/u.test(form) ? BEFORE : ''}${escaped(form)}${/[\p{L}\p{N}]$/u.test(form) ? AFTER : ''}`,
    )
  return new RegExp(alternatives.join('|'), 'gu')
}

const BEFORE = '(?<![\\p{L}\\p{N}])'
const AFTER = '(?![\\p{L}\\p{N}])'

/** `RegExp.escape` came with Node 24. */
function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}

function toBase64(text: string): string {
  return Buffer.from(text).toString('base64')
}

function maskDeep<Value>(value: Value, mask: (text: string) => string): Value {
  if (typeof value === 'string') return mask(value) as Value
  if (Array.isArray(value)) return value.map((entry) => maskDeep(entry, mask)) as Value
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, maskDeep(entry, mask)])) as Value
}
