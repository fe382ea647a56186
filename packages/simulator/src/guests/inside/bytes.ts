// Bytes of files and program output inside a guest, one byte in each character, as in the agent's calls.

/** The UTF-8 bytes of a text. */
export const bytesOf = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')

export const textOfBytes = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('utf8')

export const bytesOfBase64 = (base64: string): string => Buffer.from(base64, 'base64').toString('latin1')

export const base64OfBytes = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('base64')

/** Returns true if the text contains characters beyond U+00FF, which are not bytes. */
export const isWide = (text: string): boolean => /[^\0-\u{ff}]/u.test(text)
