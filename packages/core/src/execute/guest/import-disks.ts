// Replaces image names with volumes, for disks that start with an image and for CDs.
import { ProvisionError } from '../../errors.ts'
import type { Machine } from '../../manifest/manifest.ts'
import type { Verdict } from '../../plan/compare/compare-machine.ts'
import { imageOfDrive, madeFrom } from '../../plan/config/image-drives.ts'
import { standsForRaw } from '../../plan/names.ts'
import type { DiskSource, DiskSources } from '../../plan/step.ts'
import { type StepContext, volumeOf } from '../step-context.ts'

/**
 * Returns the verdict with volumes as its sources. @throws ProvisionError `CONFLICT` if a drive was removed since the
 * plan
 */
export function withVolumes(
  verdict: Verdict,
  { machine, disksFrom = {} }: { readonly machine: Machine; readonly disksFrom: DiskSources | undefined },
  context: StepContext,
): Verdict {
  const set = Object.entries(verdict.set).map(([key, value]) => {
    const image = imageOfDrive(value)
    if (image === undefined) return [key, value] as const
    const source = disksFrom[key]
    if (source === undefined) throw unplanned(machine, key, image)
    return [key, imported(String(value), source, context)] as const
  })
  return { ...verdict, set: Object.fromEntries(set) }
}

function imported(drive: string, { volumeFrom, importFormat }: DiskSource, context: StepContext): string {
  const volume = volumeOf(context, volumeFrom)
  return madeFrom(drive, volume, importFormat ?? (standsForRaw(volume) ? 'raw' : undefined))
}

function unplanned({ name }: Machine, key: string, image: string): ProvisionError {
  return new ProvisionError('CONFLICT', `${name} lost its drive ${key} since the plan was made.`, {
    hint: `Plan again: it is then created from ${image}.`,
    details: { machine: name },
  })
}
