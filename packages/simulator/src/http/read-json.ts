// Reads a JSON body, with the errors of Perl's JSON::XS.
import { ApiError } from '../errors.ts'
import type { ProxmoxVersion } from '../schema/index.ts'

const file = '/usr/share/perl5/PVE/APIServer/AnyEvent.pm'
const lines = { '8.4': { decode: 917, use: 957 }, '9.2': { decode: 934, use: 978 } } as const

/** Throws as the server does whose connection layer meets a body that is not an object. */
export function readJson(text: string, version: ProxmoxVersion): Readonly<Record<string, unknown>> {
  const { decode, use } = lines[version]
  const broken = (sentence: string, line: number): ApiError =>
    new ApiError(500, `${sentence} at ${file} line ${line}.`, { plain: true })
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    throw broken(faultOf(text), decode)
  }
  if (Array.isArray(parsed)) throw broken('Not a HASH reference', use)
  if (typeof parsed === 'object' && parsed !== null) return parsed as Record<string, unknown>
  throw broken(`Can't use string ("${String(parsed)}") as a HASH ref while "strict refs" in use`, use)
}

class Fault extends Error {}

/** Returns what is wrong with a text that is not JSON, and where. */
function faultOf(text: string): string {
  const place = { text, at: 0 }
  let sentence = 'garbage after JSON object'
  try {
    readValue(place)
    skipSpace(place)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    sentence = error.message
  }
  const rest = text.slice(place.at)
  const shown = rest === '' ? '(end of string)' : rest.length > 20 ? `${rest.slice(0, 20)}...` : rest
  return `${sentence}, at character offset ${place.at} (before "${shown}")`
}

interface Place {
  readonly text: string
  at: number
}

const next = ({ text, at }: Place): string => text[at] ?? ''

/** Moves behind what the pattern finds at the place. Returns false if it finds nothing. */
function take(place: Place, pattern: RegExp): boolean {
  const found = new RegExp(pattern.source, 'y')
  found.lastIndex = place.at
  const [text] = found.exec(place.text) ?? []
  place.at += text?.length ?? 0
  return text !== undefined
}

const skipSpace = (place: Place): boolean => take(place, /\s*/)

function need(place: Place, pattern: RegExp, sentence: string): void {
  skipSpace(place)
  if (!take(place, pattern)) throw new Fault(sentence)
}

function readValue(place: Place): void {
  skipSpace(place)
  if (next(place) === '"') readString(place)
  else if (take(place, /\[/)) readItems(place, { end: ']', kind: 'array', read: readValue })
  else if (take(place, /\{/)) readItems(place, { end: '}', kind: 'object/hash', read: readPair })
  else if (!take(place, /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/)) readWord(place)
}

function readString(place: Place): void {
  if (take(place, /"(?:[^"\\]|\\.)*"/)) return
  place.at = place.text.length
  throw new Fault('unexpected end of string while parsing JSON string')
}

function readWord(place: Place): void {
  const word = ['true', 'false', 'null'].find((each) => each[0] === next(place))
  if (word === undefined) {
    throw new Fault('malformed JSON string, neither tag, array, object, number, string or atom')
  }
  if (!take(place, new RegExp(word))) throw new Fault(`'${word}' expected`)
}

function readPair(place: Place): void {
  skipSpace(place)
  if (next(place) !== '"') throw new Fault(`'"' expected`)
  readString(place)
  need(place, /:/, "':' expected")
  readValue(place)
}

function readItems(
  place: Place,
  { end, kind, read }: { end: string; kind: string; read: (place: Place) => void },
): void {
  const closing = new RegExp(`\\${end}`)
  skipSpace(place)
  if (take(place, closing)) return
  for (;;) {
    read(place)
    skipSpace(place)
    if (take(place, closing)) return
    if (!take(place, /,/)) throw new Fault(`, or ${end} expected while parsing ${kind}`)
  }
}
