// Prepares a fresh clone for the build: uploads the ISO, grows the disk, writes the config. Then it boots the clone.
import type { Marker } from '../../facts/cluster/marker.ts'
import { buildConfig } from '../../plan/build/build-config.ts'
import { buildDocuments } from '../../plan/build/build-documents.ts'
import { growthOf } from '../../plan/config/disk-config.ts'
import { changeConfig } from '../guest/change-config.ts'
import { growDisks } from '../guest/grow-disk.ts'
import { type OwnGuest, readOwnGuest } from '../guest/guest-config.ts'
import { writeMarker } from '../guest/write-marker.ts'
import { sendCd } from '../image/send-cd.ts'
import { startAgain } from '../replace/retire.ts'
import type { StepContext } from '../step-context.ts'
import { asFacts, type BuildOrder } from './build-order.ts'

/** Writes the marker last, with the config. After that the guest only has to be started. */
export async function prepareBuild(order: BuildOrder, guest: OwnGuest, context: StepContext): Promise<void> {
  const { step, image, machine, marker, cd } = order
  const instance = cd.fileName.replace(/\.iso$/, '')
  await sendCd({ at: step.cdAt, fileName: cd.fileName, documents: buildDocuments(image, instance) }, context)
  const grow = growthOf(machine, guest.config, () => true)
  await growDisks({ guest: asFacts(guest, order), grow, identity: marker }, context)
  // The config has another size now.
  const own = Object.keys(grow).length > 0 ? await readOwnGuest(guest, marker, context) : guest
  const prepared = { ...marker, vmid: own.vmid, stage: 'prepared' } as const
  await changeConfig(asFacts(own, order), buildConfig(machine, own.config, { marker: prepared, cd: cd.volid }), context)
}

/** Starts the guest, then writes that to its marker. */
export async function bootBuild(order: BuildOrder, guest: OwnGuest, context: StepContext): Promise<void> {
  await startAgain(guest, context)
  const read = () => readOwnGuest(guest, order.marker, context)
  // Another run may be further.
  const change = (marker?: Marker) => (marker?.stage === 'prepared' ? { ...marker, stage: 'booted' as const } : marker)
  await writeMarker({ read, change }, context)
}
