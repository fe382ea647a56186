// Decides which certificates of Proxmox are trusted: by a fingerprint, a CA, or the system's CAs.
import { X509Certificate } from 'node:crypto'
import type { PeerCertificate, TLSSocket } from 'node:tls'
import { ProvisionError } from '../../errors.ts'
import { cleanText } from '../../foreign-text.ts'

export interface TrustSettings {
  /**
   * SHA-256 of the certificate as Proxmox shows it. Several (one for each node) are separated by commas or given as a
   * list.
   */
  readonly fingerprint?: string | readonly string[]
  /** PEM of the CA, such as a cluster's `/etc/pve/pve-root-ca.pem`. */
  readonly ca?: string
}

export interface Trust {
  /** Upper case, with colons. If empty, the certificate chain decides. */
  readonly fingerprints: readonly string[]
  readonly ca: string | undefined
}

/**
 * Parses trust settings.
 * @throws ProvisionError `TLS` if a fingerprint is not 32 hex bytes, or the CA is not a certificate
 */
export function parseTrust({ fingerprint = [], ca }: TrustSettings = {}): Trust {
  const written = typeof fingerprint === 'string' ? [fingerprint] : fingerprint
  // `openssl x509 -fingerprint` prints a prefix: `sha256 Fingerprint=AA:…`.
  const listed = written.flatMap((text) => text.replaceAll(/\bsha-?(?:1|256) fingerprint=/gi, '').split(/[\s,]+/))
  if (ca !== undefined) checkAuthority(ca)
  return { fingerprints: listed.filter((text) => text !== '').map(parseFingerprint), ca }
}

const AUTHORITY_HINT =
  "Use the cluster's certificate authority, /etc/pve/pve-root-ca.pem on any node. It is a PEM text with BEGIN CERTIFICATE."

/** Node ignores what it cannot read, and then trusts nothing. */
function checkAuthority(ca: string): void {
  if (!ca.includes('-----BEGIN CERTIFICATE-----'))
    throw new ProvisionError('TLS', 'PVE_CA contains no certificate.', { hint: AUTHORITY_HINT })
  try {
    new X509Certificate(ca.slice(ca.indexOf('-----BEGIN CERTIFICATE-----')))
  } catch (cause) {
    throw new ProvisionError('TLS', 'The certificate in PVE_CA cannot be read: it may be truncated.', {
      cause,
      hint: AUTHORITY_HINT,
    })
  }
}

function parseFingerprint(text: string): string {
  if (/^([0-9a-f]{2}:?){20}$/i.test(text)) throw tooShort(text)
  const hex = text
    .replace(/^sha256[:=]/i, '')
    .replaceAll(':', '')
    .trim()
    .toUpperCase()
  if (/^[0-9A-F]{64}$/.test(hex)) return hex.replace(/(..)(?=.)/g, '$1:')
  throw new ProvisionError('TLS', `${JSON.stringify(text)} is not the SHA-256 fingerprint of a certificate.`, {
    hint: 'Use the one shown by `pvenode cert info` or the web interface (node → Certificates): 32 pairs of hex digits.',
  })
}

function tooShort(text: string): ProvisionError {
  return new ProvisionError('TLS', `${JSON.stringify(text)} is a SHA-1 fingerprint.`, {
    hint: 'Use the SHA-256 fingerprint, which has 32 pairs of hex digits: `openssl x509 -noout -fingerprint -sha256`.',
  })
}

interface Shown {
  readonly socket: TLSSocket
  /** What the socket showed. Trap: a socket hands it out once. */
  readonly certificate: X509Certificate | undefined
  /** The fingerprint that the endpoint showed before. */
  readonly earlier: string | undefined
}

/** Returns why this certificate must not be trusted, or undefined. */
export function distrust({ socket, certificate: shown, earlier }: Shown, trust: Trust): ProvisionError | undefined {
  const seen = shown?.fingerprint256 ?? ''
  const pinned = trust.fingerprints.length > 0
  if (pinned && !trust.fingerprints.includes(seen))
    return wrongFingerprint({ seen, certificate: whole(shown), trust, earlier })
  // A fingerprint alone is enough: Proxmox certificates are signed by a CA that only the cluster knows.
  if (socket.authorized || (pinned && trust.ca === undefined)) return undefined
  const reason = reasonOf(socket.authorizationError)
  return unknownCertificate({ seen, certificate: whole(shown), earlier, trust, reason })
}

/** Reads all of a certificate, which takes much longer than its fingerprint. Only errors need it. */
function whole(certificate: X509Certificate | undefined): Partial<PeerCertificate> {
  return certificate?.toLegacyObject() ?? {}
}

interface Seen {
  readonly seen: string
  readonly certificate: Partial<PeerCertificate>
  readonly earlier: string | undefined
}

function wrongFingerprint({ seen, certificate, trust, earlier }: Seen & { readonly trust: Trust }): ProvisionError {
  const changed = earlier !== undefined && earlier !== seen
  const what = changed
    ? `The certificate of Proxmox changed during the run, from ${earlier} to ${seen}.`
    : `The certificate of Proxmox has the fingerprint ${seen} instead of ${trust.fingerprints.join(' or ')}.`
  return new ProvisionError('TLS', what, {
    hint: `If the certificate was renewed (compare with \`pvenode cert info\` on the node), set PVE_FINGERPRINT=${seen}`,
    details: { fingerprint: seen, expected: trust.fingerprints, ...describe(certificate) },
  })
}

interface Unknown extends Seen {
  readonly trust: Trust
  readonly reason: string
}

function unknownCertificate({ seen, certificate, earlier, trust, reason }: Unknown): ProvisionError {
  if (reason === 'ERR_TLS_CERT_ALTNAME_INVALID') return otherName({ seen, certificate, reason })
  const changed = earlier !== undefined && earlier !== seen ? ' It changed during the run.' : ''
  return new ProvisionError(
    'TLS',
    `The certificate of Proxmox is not trusted (${reason}).${changed} Its SHA-256 is ${seen}.`,
    {
      hint: trustHint({ seen, certificate, trust, reason }),
      details: { fingerprint: seen, reason, ...describe(certificate) },
    },
  )
}

function trustHint({ seen, certificate, trust, reason }: Omit<Unknown, 'earlier'>): string {
  const compare = `Compare it with \`pvenode cert info\` on the node. If it is the same, set PVE_FINGERPRINT=${seen}`
  if (reason === 'CERT_HAS_EXPIRED')
    return `It expired on ${certificate.valid_to}: renew it on the node (\`pvecm updatecerts --force\`).`
  if (reason === 'CERT_NOT_YET_VALID')
    return `It is valid from ${certificate.valid_from}: compare the clocks of your computer and the node.`
  if (trust.ca === undefined) return `${compare} (or set PVE_CA to the file with the cluster's CA).`
  const signer = certificate.issuer?.CN
  const other = `PVE_CA is not the authority that signed it${signer === undefined ? '' : ` (${cleanText(String(signer), { most: 100 })})`}`
  return trust.fingerprints.length > 0
    ? `${other}, although its fingerprint is right: remove PVE_CA, or set it to /etc/pve/pve-root-ca.pem of this cluster.`
    : `${other}: set PVE_CA to /etc/pve/pve-root-ca.pem of this cluster, or remove it. ${compare}`
}

/** Creates the error for a certificate of a trusted CA that is for other names. */
function otherName({ seen, certificate, reason }: Omit<Seen, 'earlier'> & { readonly reason: string }): ProvisionError {
  const names = (certificate.subjectaltname ?? '').split(', ').map((name) => name.replace(/^(DNS|IP Address):/, ''))
  const known = names.filter((name) => name !== '' && name !== '127.0.0.1' && name !== '::1' && name !== 'localhost')
  const list = known.length === 0 ? 'no name' : known.join(', ')
  const [first] = known
  const connect =
    first === undefined ? '' : `Use a name in the certificate, such as PVE_ENDPOINT=https://${first}:8006. Or set `
  return new ProvisionError(
    'TLS',
    `The certificate of Proxmox is not valid for the name in PVE_ENDPOINT, only for ${list}.`,
    {
      hint: `${connect || 'Set '}PVE_FINGERPRINT=${seen}`,
      details: { fingerprint: seen, reason, ...describe(certificate) },
    },
  )
}

function describe({ subject, issuer, valid_to }: Partial<PeerCertificate>): Readonly<Record<string, unknown>> {
  return { subject: subject?.CN, issuer: issuer?.CN, validTo: valid_to }
}

// Declared as an Error. In fact it is the code as a text, or an Error if the name does not match.
function reasonOf(authorizationError: unknown): string {
  if (typeof authorizationError === 'string') return authorizationError
  if (!(authorizationError instanceof Error)) return 'no certificate'
  return 'code' in authorizationError ? String(authorizationError.code) : authorizationError.message
}
