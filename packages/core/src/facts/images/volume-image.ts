// An image that is an existing volume in Proxmox. It is used as it is and never changed.
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import pMap from 'p-map'
import { ProvisionError } from '../../errors.ts'
import type { VolumeImage } from '../../manifest/manifest.ts'
import type { World } from '../../ports/world.ts'
import { listStorage } from '../cluster/list-storage.ts'
import type { ImageFacts, VolumeFacts } from '../facts.ts'

const QUESTIONS_AT_ONCE = 8

/**
 * Finds which of the needed nodes have the volume. Names and markers contain a hash of its name, size and time.
 * @throws ProvisionError `CONFLICT` if none of them has it
 */
export async function resolveVolume(
  { name, volume }: VolumeImage,
  { pve }: Pick<World, 'pve'>,
  nodes: readonly string[],
): Promise<ImageFacts> {
  const storage = volume.slice(0, volume.indexOf(':'))
  const found = await pMap(
    nodes,
    async (node) => [node, (await listStorage({ node, storage }, pve)).find(({ volid }) => volid === volume)] as const,
    { concurrency: QUESTIONS_AT_ONCE },
  )
  const there = found.flatMap(([node, facts]) => (facts === undefined ? [] : [{ node, facts }]))
  const [first] = there
  if (first === undefined) throw notThere(name, volume, nodes)
  const { sizeBytes } = first.facts
  return {
    name,
    digest: `sha256:${identityOf(first.facts)}`,
    digestFrom: 'none',
    url: new URL(`volume:${encodeURI(volume)}`),
    volume: { volid: volume, nodes: new Set(there.map(({ node }) => node)) },
    signature: 'not asked for',
    compression: 'none',
    sizeBytes,
  }
}

function identityOf({ volid, sizeBytes, createdAtMs }: VolumeFacts): string {
  return bytesToHex(sha256(utf8ToBytes(`${volid} ${sizeBytes} ${createdAtMs ?? 0}`)))
}

function notThere(name: string, volume: string, nodes: readonly string[]): ProvisionError {
  return new ProvisionError('CONFLICT', `The volume of ${name} does not exist: ${volume} on ${nodes.join(', ')}.`, {
    hint: `\`pvesm list ${volume.slice(0, volume.indexOf(':'))} --content import\` lists the volumes.`,
  })
}
