// Verifies that a checksum document is signed by one of the keys that the manifest pins.
import { ProvisionError } from '../../errors.ts'
import { isClearsigned } from './clearsigned.ts'

export interface SignedDocument {
  readonly bytes: Uint8Array
  /** A detached signature, armored or binary. Without one, the document must be clearsigned. */
  readonly signature?: Uint8Array
  /** Armored public keys. A signature by any of them is enough. */
  readonly keys: readonly string[]
  /** The address of the document, for messages. */
  readonly name: string
}

/**
 * Returns the part of a document that is signed by one of the keys: all of it for a detached signature, or the text
 * inside a clearsigned message. Text outside is not signed.
 * @throws ProvisionError `SIGNATURE` if there is no signature, none by a pinned key, or an invalid one
 */
export async function verifySignature(document: SignedDocument): Promise<Uint8Array> {
  // Loaded on first use: few manifests need signatures, and the library is large.
  const openpgp = await import('openpgp')
  const keys = await readKeys(openpgp, document)
  return document.signature === undefined
    ? verifyClearsigned(openpgp, document, keys)
    : verifyDetached(openpgp, { ...document, signature: document.signature }, keys)
}

type OpenPgp = typeof import('openpgp')
type Keys = Awaited<ReturnType<OpenPgp['readKeys']>>

async function readKeys(openpgp: OpenPgp, { keys }: SignedDocument): Promise<Keys> {
  const lists = keys.map(async (armoredKeys, index) => {
    try {
      return await openpgp.readKeys({ armoredKeys })
    } catch (cause) {
      throw new ProvisionError('SIGNATURE', `Key ${index + 1} in the manifest is not an armoured OpenPGP public key.`, {
        cause,
        hint: 'An armoured key begins with -----BEGIN PGP PUBLIC KEY BLOCK-----. Export it with `gpg --armor --export ID`.',
      })
    }
  })
  return (await Promise.all(lists)).flat()
}

async function verifyClearsigned(
  openpgp: OpenPgp,
  { bytes, name }: SignedDocument,
  verificationKeys: Keys,
): Promise<Uint8Array> {
  const text = new TextDecoder().decode(bytes)
  if (!isClearsigned(text)) {
    throw new ProvisionError('SIGNATURE', `${name} is not signed, but the manifest requires a signature.`, {
      hint: 'If the vendor publishes a detached signature, set its address as `signature.url`.',
    })
  }
  const message = await readOrRefuse(name, () => openpgp.readCleartextMessage({ cleartextMessage: text }))
  const { data, signatures } = await openpgp.verify({ message, verificationKeys })
  await requireOne(name, signatures)
  return new TextEncoder().encode(data)
}

async function verifyDetached(
  openpgp: OpenPgp,
  { bytes, signature, name }: SignedDocument & { readonly signature: Uint8Array },
  verificationKeys: Keys,
): Promise<Uint8Array> {
  const armored = new TextDecoder().decode(signature)
  const read = await readOrRefuse(name, () =>
    armored.includes('-----BEGIN PGP SIGNATURE-----')
      ? openpgp.readSignature({ armoredSignature: armored })
      : openpgp.readSignature({ binarySignature: signature }),
  )
  const message = await openpgp.createMessage({ binary: bytes })
  const { signatures } = await openpgp.verify({ message, signature: read, verificationKeys, format: 'binary' })
  await requireOne(name, signatures)
  return bytes
}

async function readOrRefuse<Result>(name: string, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read()
  } catch (cause) {
    throw new ProvisionError(
      'SIGNATURE',
      `The signature of ${name} cannot be read: it is damaged or not a signature.`,
      { cause },
    )
  }
}

interface Signature {
  readonly verified: Promise<true>
  readonly keyID: { toHex(): string }
}

/** One valid signature by a pinned key is enough. During a key change, vendors sign with the old and the new key. */
async function requireOne(name: string, signatures: readonly Signature[]): Promise<void> {
  const results = await Promise.allSettled(signatures.map(({ verified }) => verified))
  if (results.some(({ status }) => status === 'fulfilled')) return
  const ids = signatures.map(({ keyID }) => keyID.toHex().toUpperCase()).join(', ') || 'an unknown key'
  const reasons = results.flatMap((result) =>
    result.status === 'rejected' ? [String(result.reason?.message ?? result.reason)] : [],
  )
  throw new ProvisionError(
    'SIGNATURE',
    `${name} has no valid signature by a pinned key; it is signed by ${ids}: ${reasons.join('; ')}.`,
    {
      hint: 'Compare the key with the one that the vendor publishes elsewhere. If the vendor changed it, pin the new one in the manifest.',
      details: { keyIds: ids, reasons },
    },
  )
}
