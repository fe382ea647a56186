import { createCleartextMessage, createMessage, generateKey, type PrivateKey, sign } from 'openpgp'
import { beforeAll, describe, expect, it } from 'vitest'
import { verifySignature } from '../../../src/facts/checksums/signature.ts'

const TEXT = `${'a'.repeat(64)}  debian.qcow2\n`
const bytes = (text: string) => new TextEncoder().encode(text)

interface Pair {
  readonly privateKey: PrivateKey
  readonly publicKey: string
}

let vendor: Pair
let stranger: Pair
let expired: Pair

async function makeKey(name: string, options: { date?: Date; keyExpirationTime?: number } = {}): Promise<Pair> {
  const made = await generateKey({ userIDs: [{ name }], format: 'object', ...options })
  return { privateKey: made.privateKey, publicKey: made.publicKey.armor() }
}

beforeAll(async () => {
  const longAgo = new Date(Date.now() - 10 * 24 * 3600 * 1000)
  ;[vendor, stranger, expired] = await Promise.all([
    makeKey('vendor'),
    makeKey('stranger'),
    makeKey('expired', { date: longAgo, keyExpirationTime: 3600 }),
  ])
})

async function detached(
  text: string,
  { privateKey }: Pair,
  format: 'armored' | 'binary' = 'armored',
  date = new Date(),
): Promise<Uint8Array> {
  const message = await createMessage({ binary: bytes(text) })
  const options = { message, signingKeys: privateKey, detached: true, date } as const
  return format === 'armored' ? bytes(await sign(options)) : sign({ ...options, format })
}

async function clearsigned(text: string, { privateKey }: Pair): Promise<string> {
  return sign({ message: await createCleartextMessage({ text }), signingKeys: privateKey })
}

const verify = (document: string, keys: readonly string[], signature?: Uint8Array) =>
  verifySignature({ bytes: bytes(document), keys, name: 'SHA256SUMS', ...(signature && { signature }) })

const refused = (words: RegExp) => ({ code: 'SIGNATURE', message: expect.stringMatching(words) })

describe('a detached signature', () => {
  it.each(['armored', 'binary'] as const)('by a pinned key is accepted, %s', async (format) => {
    expect(await verify(TEXT, [stranger.publicKey, vendor.publicKey], await detached(TEXT, vendor, format))).toEqual(
      bytes(TEXT),
    )
  })

  it('by another key is refused, and the key is named', async () => {
    await expect(verify(TEXT, [vendor.publicKey], await detached(TEXT, stranger))).rejects.toMatchObject(
      refused(/no valid signature by a pinned key; it is signed by [0-9A-F]{16}/),
    )
  })

  it('over other bytes is refused', async () => {
    await expect(
      verify(TEXT.replace('a', 'b'), [vendor.publicKey], await detached(TEXT, vendor)),
    ).rejects.toMatchObject(refused(/no valid signature/))
  })

  it('that is damaged, or not a signature, is refused', async () => {
    for (const signature of [bytes('<html>not found</html>'), new Uint8Array(0)]) {
      await expect(verify(TEXT, [vendor.publicKey], signature)).rejects.toMatchObject(
        refused(/damaged|no valid signature/),
      )
    }
  })
})

describe('a clearsigned document', () => {
  it('gives the signed text, and nothing outside it', async () => {
    const document = `${'b'.repeat(64)}  debian.qcow2\n${await clearsigned(TEXT, vendor)}\n${'c'.repeat(64)}  debian.qcow2\n`
    const result = await verify(document, [vendor.publicKey]).then(
      (signed) => new TextDecoder().decode(signed),
      (error) => error.code,
    )
    expect(['SIGNATURE', TEXT, TEXT.trimEnd()]).toContain(result)
  })

  it('undoes dash escapes', async () => {
    const text = '- SHA256 (debian.qcow2) = abc\n'
    expect(new TextDecoder().decode(await verify(await clearsigned(text, vendor), [vendor.publicKey]))).toContain(
      '- SHA256 (debian',
    )
  })

  it('that was changed after signing is refused', async () => {
    const changed = (await clearsigned(TEXT, vendor)).replace('aaaa', 'bbbb')
    await expect(verify(changed, [vendor.publicKey])).rejects.toMatchObject(refused(/no valid signature/))
  })

  it('that is not signed is refused where a signature is required', async () => {
    await expect(verify(TEXT, [vendor.publicKey])).rejects.toMatchObject(refused(/is not signed/))
  })
})

describe('keys', () => {
  it('that are invalid are refused with their index', async () => {
    await expect(verify(TEXT, [vendor.publicKey, 'nonsense'], await detached(TEXT, vendor))).rejects.toMatchObject(
      refused(/^Key 2 /),
    )
  })

  it('that had expired when they signed are refused', async () => {
    const old = await detached(TEXT, expired, 'armored', new Date(Date.now() - 10 * 24 * 3600 * 1000 + 60_000))
    await expect(verify(TEXT, [vendor.publicKey], old)).rejects.toMatchObject(refused(/no valid signature/))
    const late = detached(TEXT, expired)
    await expect(late.then((signature) => verify(TEXT, [expired.publicKey], signature))).rejects.toThrow()
  })
})
