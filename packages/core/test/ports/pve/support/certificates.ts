// Certificates for servers on loopback, created once per process, because creating a key takes a moment.
import { X509Certificate } from 'node:crypto'
import { generate } from 'selfsigned'

export interface TestCertificate {
  readonly key: string
  readonly cert: string
  /** SHA-256, in Proxmox's format. */
  readonly fingerprint: string
}

const made = new Map<string, Promise<TestCertificate>>()

/**
 * Returns a self-signed certificate for 127.0.0.1, or for another host if its name is `elsewhere`, or a former one if it
 * is `expired`. Cached by name.
 */
export function certificate(name = 'pve1'): Promise<TestCertificate> {
  const known = made.get(name) ?? make(name)
  made.set(name, known)
  return known
}

async function make(name: string): Promise<TestCertificate> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    ...(name === 'expired' && { notBeforeDate: new Date('2019-01-01'), notAfterDate: new Date('2020-01-01') }),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 7, ip: name === 'elsewhere' ? '192.0.2.1' : '127.0.0.1' },
          { type: 2, value: 'localhost' },
        ],
      },
    ],
  })
  return { key, cert, fingerprint: new X509Certificate(cert).fingerprint256 }
}
