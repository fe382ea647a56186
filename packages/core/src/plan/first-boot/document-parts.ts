// Combines several documents into one multi-part document, which cloud-init splits again.
import { documentKind } from '../../manifest/documents/document-kind.ts'
import type { GuestDocument } from '../../manifest/manifest.ts'

/**
 * Returns the user's document followed by ours. If both set a key, the user's value wins: ours only extends lists and
 * adds missing keys.
 * @param boundary must not occur in the document; the same parts give the same text
 */
export function withPart(theirs: GuestDocument, ours: string, boundary: string): string {
  return [
    'MIME-Version: 1.0',
    `Content-Type: multipart/mixed; boundary="${boundary}"`,
    '',
    `--${boundary}`,
    partOf(theirs),
    `--${boundary}`,
    'Content-Type: text/cloud-config; charset="utf-8"',
    'Content-Transfer-Encoding: base64',
    // cloud-init `mergers`: lists are extended, and existing keys are not replaced.
    'Merge-Type: list(append)+dict(no_replace,recurse_list)+str()',
    '',
    base64(new TextEncoder().encode(ours)),
    `--${boundary}--`,
    '',
  ].join('\n')
}

/** cloud-init detects the type of a text/plain part from its first line. */
function partOf(document: GuestDocument): string {
  if (isMultipart(document)) return textOf(document).replace(/\r?\n$/, '')
  const { mediaType = 'text/plain', isOpaque = false } = documentKind(document)
  return [
    `Content-Type: ${mediaType}${isOpaque ? '' : '; charset="utf-8"'}`,
    'Content-Transfer-Encoding: base64',
    '',
    base64(bytesOf(document)),
  ].join('\n')
}

function isMultipart(document: GuestDocument): boolean {
  return /^(?:content-type|mime-version):/i.test(textOf(document))
}

/** Returns the bytes of a document, as they are written to the ISO. */
export function bytesOf(document: GuestDocument): Uint8Array {
  if (typeof document === 'string') return new TextEncoder().encode(document)
  return Uint8Array.from(atob(document.base64), (character) => character.charCodeAt(0))
}

/** Returns the text of a document, with one character for each byte if it is binary. */
function textOf(document: GuestDocument): string {
  return typeof document === 'string' ? document : atob(document.base64)
}

function base64(bytes: Uint8Array): string {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
  return (btoa(binary).match(/.{1,76}/g) ?? []).join('\n')
}
