// Parses SSH public keys in `authorized_keys` format, from texts, files and addresses.

/** What to write instead, for a sentence that begins with the path of the key. */
export const PUBLIC_KEY_WANTED =
  'must be an SSH public key such as "ssh-ed25519 AAAAC3Nz… me@desk", { file: PATH } or { url: ADDRESS }'

/** The reason for a line that does not look like a key at all. */
export const NO_KEY = 'is not an SSH public key'

/** A line that is not a key. */
export interface DroppedLine {
  /** Starts at 1. */
  readonly line: number
  /** A clause: `is cut off`. */
  readonly reason: string
}

export interface PublicKeys {
  /** Each key as it is written, with options and comment. */
  readonly keys: readonly string[]
  readonly dropped: readonly DroppedLine[]
}

/** Returns the keys in a text, one on each line. Blank lines and comments are ignored. */
export function readPublicKeys(text: string): PublicKeys {
  const lines = text.split('\n').map((line, index) => ({ line: index + 1, words: line.trim() }))
  const candidates = lines.filter(({ words }) => words !== '' && !words.startsWith('#'))
  const read = candidates.map(({ line, words }) => ({ line, words, reason: reasonAgainst(words) }))
  return {
    keys: read.flatMap(({ words, reason }) => (reason === undefined ? [words] : [])),
    dropped: read.flatMap(({ line, reason }) => (reason === undefined ? [] : [{ line, reason }])),
  }
}

/** Returns true if a text contains public keys and nothing else. */
export function holdsPublicKeys(text: string): boolean {
  const { keys, dropped } = readPublicKeys(text)
  return keys.length > 0 && dropped.length === 0
}

const TYPE =
  /^(?:ssh-(?:ed25519|rsa|dss)|ecdsa-sha2-nistp(?:256|384|521)|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com|(?:ssh-(?:ed25519|rsa|dss)|ecdsa-sha2-nistp(?:256|384|521)|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256))-cert-v01@openssh\.com)$/

/** The option of `ssh-keygen` for a format, by the word before PUBLIC KEY. */
const FORMATS: Readonly<Record<string, string>> = { 'SSH2 ': '', 'RSA ': ' -m PEM', '': ' -m PKCS8' }

/** `restrict,from="10.0.0.0/8"`: names, some with a quoted value. Does not match a host name, as in `known_hosts`. */
const OPTIONS = /^(?:[A-Za-z][A-Za-z0-9-]*(?:="(?:\\"|[^"])*")?(?:,|$))*$/

function shown(options: string): string {
  return options.length > 40 ? `${options.slice(0, 40)}…` : options
}

/** Returns why a line is not a public key, or undefined if it is one. */
function reasonAgainst(line: string): string | undefined {
  if (/PRIVATE KEY|^PuTTY-User-Key-File/.test(line)) return 'begins a private key, which must stay secret'
  const [, format] = /BEGIN (SSH2 |RSA )?PUBLIC KEY/.exec(line) ?? []
  if (/BEGIN (?:SSH2 |RSA )?PUBLIC KEY/.test(line))
    return `has another format: \`ssh-keygen -i${FORMATS[format ?? ''] ?? ''} -f FILE\` converts it`
  const words = TYPE.test(firstWord(line)) ? line : withoutOptions(line)
  const [type = '', body] = words.split(/\s+/)
  if (!TYPE.test(type)) return NO_KEY
  const options = line.slice(0, line.length - words.length).trim()
  if (!OPTIONS.test(options)) return `begins with \`${shown(options)}\`, which is not an option of a key`
  return body === undefined ? 'has a type but no key' : reasonAgainstBody(type, body)
}

function firstWord(line: string): string {
  return line.split(/\s/, 1)[0] ?? ''
}

/** Options end at the first space outside quotes (sshd(8), "AUTHORIZED_KEYS FILE FORMAT"). */
function withoutOptions(line: string): string {
  let isQuoted = false
  for (let index = 0; index < line.length; index += 1) {
    const character = line[index]
    if (character === '\\' && line[index + 1] === '"') index += 1
    else if (character === '"') isQuoted = !isQuoted
    else if (!isQuoted && (character === ' ' || character === '\t')) return line.slice(index).trim()
  }
  return ''
}

/** The body begins with the type again and consists of fields with a length prefix (RFC 4253, 6.6). */
function reasonAgainstBody(type: string, body: string): string | undefined {
  const bytes = decoded(body)
  const name = bytes === undefined ? undefined : fieldAt(bytes, 0)
  if (bytes === undefined || name === undefined) return 'is truncated, or not base64'
  if (name !== type)
    return `has the type ${type}, but its key is ${TYPE.test(name) ? `of type ${name}` : 'of an unknown type'}`
  // A certificate has numbers between its fields.
  return type.includes('-cert-') || isWhole(bytes) ? undefined : 'is truncated'
}

/** Returns true if all fields are complete and there is at least one besides the type. */
function isWhole(bytes: string): boolean {
  let count = 0
  let at = 0
  for (; at < bytes.length; count += 1) {
    const field = fieldAt(bytes, at)
    if (field === undefined || field === '') return false
    at += 4 + field.length
  }
  return count > 1
}

function fieldAt(bytes: string, at: number): string | undefined {
  const length = [0, 1, 2, 3].reduce((sum, index) => sum * 256 + bytes.charCodeAt(at + index), 0)
  return at + 4 + length <= bytes.length ? bytes.slice(at + 4, at + 4 + length) : undefined
}

/** Returns a string with one character for each byte. */
function decoded(body: string): string | undefined {
  try {
    return /^[A-Za-z0-9+/]+={0,2}$/.test(body) ? atob(body) : undefined
  } catch {
    return undefined
  }
}
