// What files hold and programs print inside a guest: bytes, one in each character, as the agent's calls have them.

/** The UTF-8 of a text. */
export const bytesOf = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')

export const textOfBytes = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('utf8')

export const bytesOfBase64 = (base64: string): string => Buffer.from(base64, 'base64').toString('latin1')

export const base64OfBytes = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('base64')

/** Has characters beyond U+00FF, which are no bytes. */
export const isWide = (text: string): boolean => /[^\0-\u{ff}]/u.test(text)
