// Chooses how an image's bytes reach a storage and where they are converted, with the reason.

import type { ClusterFacts, ImageFacts, StorageFacts } from '../facts/facts.ts'
import { packingOf } from '../facts/images/packing.ts'
import type { Image, ImageFormat } from '../manifest/manifest.ts'
import { holdsSecret } from '../manifest/secret-address.ts'
import type { StorageRef } from '../ports/pve/pve.ts'
import type { Recipe } from '../ports/world.ts'
import { mayDownload } from './preflight/held-privileges.ts'
import { isFileBased } from './storage-kinds.ts'

/** How an image's format is converted, and where. */
export interface Conversion {
  /** The conversion on this computer. */
  readonly recipe: Recipe
  /** The format to which Proxmox converts the volume during the import. */
  readonly importFormat?: 'raw' | 'qcow2'
  readonly why: string
}

/** Formats that Proxmox accepts as `import` content. */
const IMPORTABLE: readonly ImageFormat[] = ['qcow2', 'raw', 'vmdk']

/**
 * Decides where an image is converted. Proxmox converts if it can: its import writes each disk anyway, the vendor's
 * compressed file is the smallest to send, and Proxmox can often download that file itself. The local computer converts
 * what Proxmox cannot read, and what it writes into the storage's folder itself.
 */
export function chooseConversion(image: Image, facts: ImageFacts, disks: StorageFacts | undefined): Conversion {
  const { format: wanted, convert, route } = image
  const source = facts.format
  const isOnFiles = disks !== undefined && isFileBased(disks.type)
  if (facts.volume !== undefined) {
    const importFormat = wanted !== undefined && isOnFiles ? { importFormat: wanted } : {}
    return {
      recipe: 'as-is',
      ...importFormat,
      why: 'it is already a volume on the storage, so only Proxmox can convert it',
    }
  }
  if (source !== undefined && !IMPORTABLE.includes(source)) {
    return { recipe: wanted ?? 'qcow2', why: `Proxmox cannot import ${source}` }
  }
  if (wanted === undefined) return { recipe: 'as-is', why: 'no other format is set' }
  if (source === wanted) return { recipe: 'as-is', why: `it is already ${wanted}` }
  if (convert === 'runner') return { recipe: wanted, why: 'the manifest sets conversion on this computer' }
  if (disks !== undefined && !isOnFiles) {
    return {
      recipe: 'as-is',
      why: `${disks.storage} (${disks.type}) always stores raw: Proxmox converts during the import`,
    }
  }
  if (convert === 'proxmox')
    return { recipe: 'as-is', importFormat: wanted, why: 'the manifest leaves conversion to Proxmox' }
  if (route === 'local')
    return { recipe: wanted, why: `the manifest sets ${wanted}, and it is written to the folder in that format` }
  return { recipe: 'as-is', importFormat: wanted, why: 'Proxmox converts it once, during the import of the template' }
}

export interface RouteChoice {
  readonly route: 'pull' | 'push' | 'local'
  readonly why: string
}

/** Decides between pull and push for one storage. The manifest's own choice wins. */
export function chooseRoute(
  image: Image,
  {
    facts,
    conversion,
    cluster,
    at,
  }: {
    readonly facts: ImageFacts
    readonly conversion: Conversion
    readonly cluster: ClusterFacts
    readonly at: StorageRef
  },
): RouteChoice {
  if (image.route !== 'auto') return { route: image.route, why: `the manifest sets ${image.route}` }
  const obstacle = secretObstacle(image, facts) ?? pullObstacle({ facts, conversion, cluster, at })
  if (obstacle !== undefined) return { route: 'push', why: obstacle }
  return { route: 'pull', why: 'Proxmox can download and verify it' }
}

/** Like `chooseRoute`, for an ISO, which is stored as it is. Its content need not be known. */
export function chooseIsoRoute(
  image: Image,
  { facts, cluster, at }: { readonly facts: ImageFacts; readonly cluster: ClusterFacts; readonly at: StorageRef },
): RouteChoice {
  if (image.route === 'pull') return { route: 'pull', why: 'the manifest sets pull' }
  if (image.route !== 'auto') return { route: 'push', why: `the manifest sets ${image.route}` }
  const obstacle =
    facts.file !== undefined
      ? 'it is a file here'
      : (secretObstacle(image, facts) ??
        (mayDownload({ cluster }, at.node) ? undefined : `the token has no Sys.AccessNetwork on /nodes/${at.node}`))
  if (obstacle !== undefined) return { route: 'push', why: obstacle }
  return { route: 'pull', why: 'Proxmox can download and verify it' }
}

/** Proxmox writes the address into its task log, where other users may read it. */
function secretObstacle(image: Image, { url }: ImageFacts): string | undefined {
  const secrets = image.kind === 'address' ? image.secrets : []
  return holdsSecret(url, secrets) ? 'its address contains a secret, which Proxmox would log' : undefined
}

/** Returns why Proxmox cannot download an image itself, or undefined if it can. */
export function pullObstacle({
  facts,
  conversion,
  cluster,
  at,
}: {
  readonly facts: ImageFacts
  readonly conversion: Conversion
  readonly cluster: ClusterFacts
  readonly at: StorageRef
}): string | undefined {
  const { format, file } = facts
  if (file !== undefined) return 'it is a file here'
  const packing = packingOf(facts)
  if (conversion.recipe !== 'as-is') return `it is converted to ${conversion.recipe} first`
  if (packing !== undefined && packing !== 'none')
    return `it is ${packing}, which Proxmox does not decompress for an import`
  if (packing === undefined || format === undefined) return 'its format is not known before the download'
  if (!mayDownload({ cluster }, at.node)) return `the token has no Sys.AccessNetwork on /nodes/${at.node}`
  return undefined
}
