// Opens the OpenPGP clearsigned wrapper (RFC 9580, section 7): text in, the signed text out. Verifies nothing.

const BEGIN = '-----BEGIN PGP SIGNED MESSAGE-----'
const END = '-----BEGIN PGP SIGNATURE-----'

/** Whether `text` is wrapped by a clear signature anywhere. */
export function isClearsigned(text: string): boolean {
  return text.split(/\r\n|\n/).some((line) => line.trimEnd() === BEGIN)
}

/**
 * The text between the armour headers and the signature, dash escapes undone; undefined when there is no whole wrapper.
 * What stands outside the wrapper was signed by nobody and is dropped.
 */
export function clearsignedText(text: string): string | undefined {
  const lines = text.split(/\r\n|\n/)
  const begin = lines.findIndex((line) => line.trimEnd() === BEGIN)
  if (begin === -1) return undefined
  const blank = lines.findIndex((line, index) => index > begin && line.trim() === '')
  const end = lines.findIndex((line, index) => index > begin && line.trimEnd() === END)
  if (blank === -1 || end === -1 || blank > end) return undefined
  return lines
    .slice(blank + 1, end)
    .map((line) => (line.startsWith('- ') ? line.slice(2) : line))
    .join('\n')
}
