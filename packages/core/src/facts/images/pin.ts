// Computes the lock file: which bytes each image of a manifest has today.
import pMap from 'p-map'
import { ProvisionError } from '../../errors.ts'
import type { LockedImage, LockFile } from '../../manifest/lock-file.ts'
import type { AddressImage, Desired, FileImage } from '../../manifest/manifest.ts'
import { withoutSecrets } from '../../manifest/secret-address.ts'
import type { World } from '../../ports/world.ts'
import type { ImageFacts } from '../facts.ts'
import { pinFile } from './file-image.ts'
import { lookInside } from './look-inside.ts'
import { isAsMeasured, measureImage } from './measure-image.ts'
import { resolveImage, withRecalled } from './observe-images.ts'

/** Options for `pinImages`. */
export interface PinOptions {
  readonly signal?: AbortSignal
  /** An earlier lock file. Entries that have not changed are kept unchanged, with their time. */
  readonly before?: LockFile
  /** Called during the download of an image without a checksum. */
  readonly onBytes?: (image: string, done: number, total?: number) => void
}

/**
 * Contacts the vendors, not Proxmox. An image without a checksum is downloaded to compute its digest (trust on first
 * use).
 * @throws ProvisionError `CHECKSUM` `SIGNATURE` `HTTP` for an image whose digest is not available; `DISK` `IMAGE` for one
 * that cannot be downloaded and hashed. All images are tried: the message has a line for each that failed, and the code is
 * that of the first.
 */
export async function pinImages(desired: Desired, world: World, options: PinOptions = {}): Promise<LockFile> {
  const { signal, before } = options
  const failures = new Map<string, ProvisionError>()
  const entries = await pMap(
    [...desired.images.values()].filter((image) => image.kind === 'address' || image.kind === 'file'),
    async (image) => {
      try {
        return [[image.name, await pinImage(image, before?.images[image.name], { world, options })] as const]
      } catch (error) {
        if (!(error instanceof ProvisionError) || error.code === 'CANCELLED') throw error
        failures.set(image.name, error)
        return []
      }
    },
    { concurrency: 8, ...(signal && { signal }) },
  )
  if (failures.size > 0) throw together(failures, [...desired.images.keys()])
  return { images: Object.fromEntries(entries.flat()) }
}

/** Makes one error of all. Each line begins with the image's name in the manifest. */
function together(failures: ReadonlyMap<string, ProvisionError>, names: readonly string[]): ProvisionError {
  const inOrder = [...failures].sort(([one], [other]) => names.indexOf(one) - names.indexOf(other))
  const errors = inOrder.map(([, error]) => error)
  const hints = [...new Set(errors.flatMap(({ hint }) => hint ?? []))]
  const [{ code, details } = new ProvisionError('UNEXPECTED', 'No image failed.')] = errors
  return new ProvisionError(code, inOrder.map(([name, { message }]) => `${name}: ${message}`).join('\n'), {
    cause: errors[0],
    hint: hints.length === 0 ? undefined : hints.join('\n'),
    ...(errors.length === 1 && { details }),
  })
}

interface Pinning {
  readonly world: World
  readonly options: PinOptions
}

/** @throws ProvisionError for this image */
function pinImage(
  image: AddressImage | FileImage,
  old: LockedImage | undefined,
  pinning: Pinning,
): Promise<LockedImage> {
  if (image.kind === 'file') return pinFile(image, pinning.world, { before: old, signal: pinning.options.signal })
  const ofThis = old?.url === withoutSecrets(image.url, image.secrets) ? old : undefined
  return image.checksum === undefined ? pinMeasured(image, ofThis, pinning) : pinPromised(image, ofThis, pinning)
}

/** Pins an image whose digest is in the manifest or in the vendor's document. */
async function pinPromised(
  image: AddressImage,
  old: LockedImage | undefined,
  { world, options: { signal } }: Pinning,
): Promise<LockedImage> {
  const resolved = await withRecalled(await resolveImage(image, world, signal && { signal }), world)
  if (old?.digest === resolved.digest && old.measured === undefined) return old
  return entryOf(image, image.isIso ? resolved : await seen(resolved, image, { world, signal }), world)
}

async function pinMeasured(
  image: AddressImage,
  old: LockedImage | undefined,
  { world, options: { signal, onBytes } }: Pinning,
): Promise<LockedImage> {
  if (old?.measured && (await isAsMeasured(image, old, world, signal))) return old
  const { facts, measured } = await measureImage(image, world, {
    ...(signal && { signal }),
    ...(onBytes && { onBytes: (done, total) => onBytes(image.name, done, total) }),
  })
  return old?.measured && old.digest === facts.digest
    ? { ...old, measured }
    : { ...entryOf(image, facts, world), measured }
}

function entryOf(image: AddressImage, facts: ImageFacts, { clock }: World): LockedImage {
  const { digest, url, sizeBytes, format, virtualSizeBytes, signature } = facts
  return {
    url: withoutSecrets(image.url, image.secrets),
    resolvedUrl: withoutSecrets(url, image.secrets),
    digest,
    ...(sizeBytes !== undefined && { sizeBytes }),
    ...(format !== undefined && { format }),
    ...(virtualSizeBytes !== undefined && { virtualSizeBytes }),
    signature,
    pinnedAt: new Date(clock.now()).toISOString(),
  }
}

/** Size and format are optional: an image can be pinned even if the vendor does not serve its first bytes. */
async function seen(...[facts, image, how]: Parameters<typeof lookInside>): ReturnType<typeof lookInside> {
  try {
    return await lookInside(facts, image, how)
  } catch (thrown) {
    if (thrown instanceof ProvisionError && thrown.code === 'HTTP') return facts
    throw thrown
  }
}
