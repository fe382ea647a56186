// Parses the records of a pax header: `27 path=some/long/name\n`. Each record begins with its own length in bytes.

export type PaxRecords = Readonly<Record<string, string>>

/** GNU sparse format 0.0 repeats these two keys, once for each span. Their values are joined into one map. */
const [OFFSET, BYTES] = ['GNU.sparse.offset', 'GNU.sparse.numbytes']

/** Parses the records up to the first one that is malformed. */
export function parsePax(bytes: Uint8Array): PaxRecords {
  const records: Record<string, string> = {}
  const map: string[] = []
  for (let at = 0; at < bytes.length; ) {
    const blank = bytes.indexOf(0x20, at)
    const length = blank === -1 ? 0 : Number(Buffer.from(bytes.subarray(at, blank)).toString('latin1'))
    if (!Number.isSafeInteger(length) || length <= 0 || at + length > bytes.length) break
    const text = Buffer.from(bytes.subarray(blank + 1, at + length - 1)).toString('utf8')
    const equals = text.indexOf('=')
    const [key, value] = [text.slice(0, equals), text.slice(equals + 1)]
    if (key === OFFSET || key === BYTES) map.push(value)
    else records[key] = value
    at += length
  }
  return map.length === 0 ? records : { ...records, 'GNU.sparse.map': map.join(',') }
}
