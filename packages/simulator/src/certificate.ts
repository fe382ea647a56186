// Creates a self-signed certificate, once per data directory, with the names and addresses that tests use.
import { generateKeyPair, randomUUID, X509Certificate } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { generate } from 'selfsigned'

export interface Certificate {
  readonly key: string
  readonly cert: string
  /** SHA-256 in Proxmox's format: upper-case pairs with colons. */
  readonly fingerprint: string
}

export async function openCertificate(directory: string, nodes: readonly string[]): Promise<Certificate> {
  const keyFile = join(directory, 'pve-ssl.key')
  const certFile = join(directory, 'pve-ssl.pem')
  if (!existsSync(certFile)) return renewCertificate(directory, nodes)
  const cert = readFileSync(certFile, 'utf8')
  return { key: readFileSync(keyFile, 'utf8'), cert, fingerprint: new X509Certificate(cert).fingerprint256 }
}

/** Replaces the certificate with a new one. */
export async function renewCertificate(directory: string, nodes: readonly string[]): Promise<Certificate> {
  const { private: key, cert } = await makeCertificate(nodes)
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, 'pve-ssl.key'), key, { mode: 0o600 })
  writeFileSync(join(directory, 'pve-ssl.pem'), cert)
  return { key, cert, fingerprint: new X509Certificate(cert).fingerprint256 }
}

/** The certificate of the cluster's own authority. It is made when it is first asked for, and signs nothing here. */
export async function openAuthority(directory: string): Promise<string> {
  const file = join(directory, 'pve-root-ca.pem')
  if (existsSync(file)) return readFileSync(file, 'utf8')
  keyPair ??= makeKeyPair()
  const { cert } = await generate(
    [
      { name: 'commonName', value: 'Proxmox Virtual Environment' },
      { shortName: 'OU', value: randomUUID() },
      { name: 'organizationName', value: 'PVE Cluster Manager CA' },
    ],
    {
      keyPair: await keyPair,
      algorithm: 'sha256',
      notAfterDate: inTenYears(),
      extensions: [{ name: 'basicConstraints', cA: true }],
    },
  )
  mkdirSync(directory, { recursive: true })
  writeFileSync(file, cert)
  return cert
}

const inTenYears = (): Date => new Date(Date.now() + 10 * 365 * 24 * 60 * 60 * 1000)

interface KeyPair {
  readonly privateKey: string
  readonly publicKey: string
}

/** One for all clusters of this process, because making an RSA key takes a tenth of a second. */
let keyPair: Promise<KeyPair> | undefined

function makeKeyPair(): Promise<KeyPair> {
  return promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
}

async function makeCertificate(nodes: readonly string[]): Promise<Awaited<ReturnType<typeof generate>>> {
  keyPair ??= makeKeyPair()
  return generate([{ name: 'commonName', value: nodes[0] ?? 'pve' }], {
    keyPair: await keyPair,
    algorithm: 'sha256',
    notAfterDate: inTenYears(),
    extensions: [
      { name: 'basicConstraints', cA: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
          { type: 2, value: 'localhost' },
          ...nodes.map((node) => ({ type: 2 as const, value: node })),
        ],
      },
    ],
  })
}
