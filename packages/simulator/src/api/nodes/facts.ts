// Facts about a node that never change here: network interfaces, certificate, subscription.
import { createHash, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ApiError, badParameters } from '../../errors.ts'
import type { Call, Endpoint } from '../call.ts'
import { networks } from './nodes.ts'

export const nodeFactEndpoints: readonly Endpoint[] = [
  { path: '/nodes/{node}/network/{iface}', method: 'GET', handle: networkCard },
  { path: '/nodes/{node}/certificates/info', method: 'GET', handle: certificates },
  { path: '/nodes/{node}/subscription', method: 'GET', handle: subscription },
  { path: '/cluster/config/nodes', method: 'GET', handle: members },
  { path: '/cluster/config/join', method: 'GET', handle: joinInformation },
]

function networkCard(call: Call): Record<string, unknown> {
  const found = networks(call).find(({ iface }) => iface === call.text('iface'))
  if (found === undefined) throw badParameters({ iface: 'interface does not exist' })
  const { iface: _, ...card } = found
  return card
}

/** The certificate of the API server. */
function certificates({ world }: Call): readonly Record<string, unknown>[] {
  const pem = readFileSync(join(world.root, 'etc/pve/local/pve-ssl.pem'), 'utf8')
  const certificate = new X509Certificate(pem)
  const details = certificate.publicKey.asymmetricKeyDetails
  const names = certificate.subjectAltName?.split(', ').map((name) => name.replace(/^[^:]+:/, '')) ?? []
  const slashed = (text: string): string => `/${text.split('\n').join('/')}`
  return [
    {
      filename: 'pve-ssl.pem',
      fingerprint: certificate.fingerprint256,
      subject: slashed(certificate.subject),
      issuer: slashed(certificate.issuer),
      notbefore: Math.floor(Date.parse(certificate.validFrom) / 1000),
      notafter: Math.floor(Date.parse(certificate.validTo) / 1000),
      'public-key-type': certificate.publicKey.asymmetricKeyType === 'ec' ? 'id-ecPublicKey' : 'rsaEncryption',
      'public-key-bits': details?.modulusLength ?? 256,
      san: names,
      pem,
    },
  ]
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
