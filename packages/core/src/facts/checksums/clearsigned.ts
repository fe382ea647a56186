// Extracts the text of an OpenPGP clearsigned message (RFC 9580, section 7). It does not verify the signature.

const BEGIN = '-----BEGIN PGP SIGNED MESSAGE-----'
const END = '-----BEGIN PGP SIGNATURE-----'

/** Returns true if `text` contains a clearsigned message. */
export function isClearsigned(text: string): boolean {
  return text.split(/\r\n|\n/).some((line) => line.trimEnd() === BEGIN)
}

/**
 * Returns the text between the armor headers and the signature, with dash escapes removed. Returns undefined if the
 * message is incomplete. Text outside the message is not signed, so it is dropped.
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
