// Plans the volumes of additional disks that start with an image, and of CDs, on a storage of the machine's node.
import { ProvisionError } from '../../errors.ts'
import { holdsIso, type ImageDisk, imageCds, imageDisks } from '../../manifest/machine-disks.ts'
import type { Machine } from '../../manifest/manifest.ts'
import { sizeText } from '../config/size-text.ts'
import type { Config } from '../config/wanted-config.ts'
import type { DiskSources } from '../step.ts'
import { storageLane, storageOf } from '../storages.ts'
import type { MachinePlanner } from './machine-planner.ts'

export interface PlannedDisks {
  /** Steps that must finish first. */
  readonly needs: readonly string[]
  readonly lanes: readonly string[]
  /** Goes into the step that creates the disks. */
  readonly sources: { readonly disksFrom?: DiskSources }
}

export const NO_DISKS: PlannedDisks = { needs: [], lanes: [], sources: {} }

/** Adds steps for disks and CDs that the machine lacks. */
export function planDiskImages(
  machine: Machine,
  { images, facts, node }: MachinePlanner,
  current: Config = {},
): PlannedDisks {
  const at = { node, storage: machine.storage.images }
  const disks = imageDisks(machine, current)
    .filter(({ key }) => current[key] === undefined)
    .map(({ key, image, storage }) => {
      const disks = { node, storage }
      const { id, importFormat } = images.planVolume(image, { images: at, disks })
      const source = { volumeFrom: id, ...(importFormat && { importFormat }) }
      return { key, source, lanes: [storageLane(storageOf(facts, disks), disks)] }
    })
  const cds = imageCds(machine)
    .filter(({ key, image }) => !holdsIso(current[key], image))
    .map(({ key, image }) => ({ key, source: { volumeFrom: images.planIso(image, at).id }, lanes: [] }))
  const found = [...disks, ...cds]
  if (found.length === 0) return NO_DISKS
  return {
    needs: [...new Set(found.map(({ source }) => source.volumeFrom))],
    lanes: [...new Set(found.flatMap(({ lanes }) => lanes))],
    sources: { disksFrom: Object.fromEntries(found.map(({ key, source }) => [key, source])) },
  }
}

/** Finds disks that would be smaller than the image they start with. */
export function smallDisks(machine: Machine, { images }: MachinePlanner, current: Config = {}): ProvisionError[] {
  return imageDisks(machine, current).flatMap(({ key, image, disk: { sizeBytes } }: ImageDisk) => {
    const least = images.factsOf(image)?.virtualSizeBytes
    if (current[key] !== undefined || sizeBytes === undefined || least === undefined || sizeBytes >= least) return []
    return new ProvisionError(
      'CONFLICT',
      `The disk ${key} of ${machine.name} would have ${sizeText(sizeBytes)}, but ${image} needs ${sizeText(least)}.`,
      {
        hint: `Set its \`size\` to ${sizeText(least)} or more: Proxmox cannot shrink disks.`,
        details: { machine: machine.name, key: 'disks' },
      },
    )
  })
}
