// Prepares a fresh clone for the build: uploads the ISO, grows the disk, writes the config.
import { buildConfig } from '../../plan/build/build-config.ts'
import { buildDocuments } from '../../plan/build/build-documents.ts'
import { growthOf } from '../../plan/config/disk-config.ts'
import { changeConfig } from '../guest/change-config.ts'
import { growDisks } from '../guest/grow-disk.ts'
import { type OwnGuest, readOwnGuest } from '../guest/guest-config.ts'
import { sendCd } from '../image/send-cd.ts'
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
  const booted = { ...marker, vmid: own.vmid, stage: 'booted' } as const
  await changeConfig(asFacts(own, order), buildConfig(machine, own.config, { marker: booted, cd: cd.volid }), context)
}
