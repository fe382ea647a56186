// Records of a pax header: `27 path=some/long/name\n`, each with its own length in bytes.

export type PaxRecords = Readonly<Record<string, string>>

/** GNU writes a map of version 0.0 as many equal keys: they are joined. */
const [OFFSET, BYTES] = ['GNU.sparse.offset', 'GNU.sparse.numbytes']

/** Records that can be read; reading ends at the first that cannot. */
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
