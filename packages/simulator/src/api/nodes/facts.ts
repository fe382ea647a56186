// Facts about a node that never change here: certificate, subscription.
import { createHash, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openAuthority } from '../../certificate.ts'
import { ApiError } from '../../errors.ts'
import type { Call, Endpoint } from '../call.ts'

export const nodeFactEndpoints: readonly Endpoint[] = [
  { path: '/nodes/{node}/certificates/info', method: 'GET', handle: certificates },
  { path: '/nodes/{node}/subscription', method: 'GET', handle: subscription },
  { path: '/cluster/config/nodes', method: 'GET', handle: members },
  { path: '/cluster/config/join', method: 'GET', handle: joinInformation },
]

/** The certificate of the cluster's authority, and that of the API server. */
async function certificates({ world }: Call): Promise<readonly Record<string, unknown>[]> {
  const directory = join(world.root, 'etc/pve')
  return [
    certificate('pve-root-ca.pem', await openAuthority(directory)),
    certificate('pve-ssl.pem', readFileSync(join(directory, 'local/pve-ssl.pem'), 'utf8')),
  ]
}

function certificate(filename: string, pem: string): Record<string, unknown> {
  const read = new X509Certificate(pem)
  const slashed = (text: string): string => `/${text.split('\n').join('/')}`
  return {
    filename,
    fingerprint: read.fingerprint256,
    subject: slashed(read.subject),
    issuer: slashed(read.issuer),
    notbefore: Math.floor(Date.parse(read.validFrom) / 1000),
    notafter: Math.floor(Date.parse(read.validTo) / 1000),
    'public-key-type': read.publicKey.asymmetricKeyType === 'ec' ? 'id-ecPublicKey' : 'rsaEncryption',
    'public-key-bits': read.publicKey.asymmetricKeyDetails?.modulusLength ?? 256,
    san: read.subjectAltName?.split(', ').map((name) => name.replace(/^[^:]+:/, '')) ?? [],
    pem,
  }
}

function subscription({ node }: Call): Record<string, string> {
  return {
    status: 'notfound',
    message: 'There is no subscription key',
    serverid: createHash('md5').update(node).digest('hex').toUpperCase(),
    url: 'https://www.proxmox.com/en/proxmox-virtual-environment/pricing',
  }
}

function members({ world }: Call): readonly Record<string, string>[] {
  const nodes = [...world.nodes.values()]
  if (nodes.length === 1) return []
  return nodes.map(({ name, address }, index) => ({
    node: name,
    name,
    nodeid: String(index + 1),
    quorum_votes: '1',
    ring0_addr: address,
  }))
}

function joinInformation({ world }: Call): never {
  if (world.nodes.size === 1) {
    throw new ApiError(424, 'node is not in a cluster, no join info available!', { newline: false })
  }
  throw new ApiError(501, 'joining a cluster is not simulated')
}
