// Creates the text of a first manifest.
import { ProvisionError } from '@pve-provision/core'
import { wrap } from '../text/wrap.ts'
import { IMAGES } from './known-images.ts'

export interface Answers {
  readonly project: string
  readonly image: string
  readonly nodes: readonly string[]
  readonly imagesStorage: string
  readonly disksStorage: string
  readonly bridge: string
  readonly pool?: string
  readonly user: string
  readonly sshKey?: string
  readonly note?: string
}

export const SCHEMA_FILE = 'pve-provision.schema.json'

/** Editors use this line to complete and check the manifest. */
const EDITOR_LINE = `# yaml-language-server: $schema=./${SCHEMA_FILE}\n`

/** @throws ProvisionError `USAGE` for an unknown image name */
export function manifestText(answers: Answers): string {
  const { project, image, nodes, imagesStorage, disksStorage, bridge, pool, user, sshKey, note } = answers
  const known = IMAGES[image]
  if (known === undefined) {
    throw new ProvisionError('USAGE', `There is no known image called ${image}.`, {
      hint: `Known are ${Object.keys(IMAGES).join(', ')}; examples/vendors.yaml has more.`,
    })
  }
  return `${EDITOR_LINE}${note ? `# ${note}\n` : ''}# All keys: https://github.com/org/pve-provision/blob/main/docs/manifest.md
project: ${project}
images:
  ${image}:
    url: ${known.url}
    checksum: ${known.checksum}
defaults:
  ${placedOn(nodes)}${pool === undefined ? '' : `\n  pool: ${pool}`}
  storage: { images: ${imagesStorage}, disks: ${disksStorage} }
  cores: 2
  memory: 2 GiB
  disk: 20 GiB
  network: { bridge: ${bridge} }
  cloudInit:
    user: ${user}
    ${sshKey ? `sshKeys: [${keyText(sshKey)}]` : '# sshKeys: [ssh-ed25519 … you@desk]'}
    ip: dhcp
vms:
  web: { image: ${image}, start: true }
  # worker: { image: ${image}, count: 3, cores: 4 }
`
}

/** A list that fits into 80 columns. Machines are spread over its nodes. */
function placedOn(nodes: readonly string[]): string {
  if (nodes.length === 1) return `node: ${nodes[0]}`
  return `nodes: [${wrap(nodes.join(', '), 68).join('\n          ')}]`
}

function keyText(key: string): string {
  return isKeyAddress(key) ? `{ url: ${JSON.stringify(key)} }` : JSON.stringify(key)
}

/** Each apply requests the keys from this address. */
export function isKeyAddress(text: string): boolean {
  return /^https:\/\/\S+$/.test(text)
}
