// Creates an ISO with cloud-init documents and uploads it. This needs neither SSH nor snippets.
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { writeIso } from '../../codecs/iso9660.ts'
import { ProvisionError } from '../../errors.ts'
import type { SeedDocuments } from '../../plan/first-boot/seed-documents.ts'
import { api } from '../../ports/pve/api.ts'
import { isProblem } from '../../ports/pve/call/pve-problem.ts'
import type { StorageRef, UploadFile } from '../../ports/pve/pve.ts'
import type { StepContext } from '../step-context.ts'

export interface Cd {
  readonly at: StorageRef
  readonly fileName: string
  readonly documents: SeedDocuments
}

export interface SentCd {
  readonly volid: string
  /** True if this run uploaded it. */
  readonly sent: boolean
}

/** Returns the volume id of an ISO. */
export function cdVolume({ storage }: StorageRef, fileName: string): string {
  return `${storage}:iso/${fileName}`
}

const ATTEMPTS = 4
const PAUSE_MS = 500

/**
 * Uploads the ISO until it is complete. If two runs upload it at once, one may fail, and Proxmox's cleanup then removes
 * the file of the other (pve-storage `Status.pm`, seen on 9.2).
 */
export async function sendCd({ at, fileName, documents }: Cd, context: StepContext): Promise<SentCd> {
  const image = isoOf(documents)
  const expected = { at, volid: cdVolume(at, fileName), bytes: image.length }
  const { world, signal } = context
  for (let attempt = 0; ; attempt += 1) {
    // The name identifies the content, and an upload is not atomic. Only a complete file has the full size.
    if (await isThere(expected, context)) return { volid: expected.volid, sent: attempt > 0 }
    if (attempt >= ATTEMPTS) throw vanishing(expected)
    if (attempt > 0) await world.clock.sleep(PAUSE_MS * attempt, signal)
    try {
      await world.pve.upload(uploadOf(image, at, fileName), { signal })
    } catch (thrown) {
      if (!isProblem(thrown, 'file-exists') || attempt + 1 >= ATTEMPTS) throw thrown
    }
  }
}

function vanishing({ volid }: Expected): ProvisionError {
  return new ProvisionError('TASK', `${volid} was sent ${ATTEMPTS} times and is still missing or incomplete.`, {
    hint: 'Something else may be writing or removing it, or the storage is full: run again.',
  })
}

/** NoCloud requires a volume with the label `cidata` and these file names (cloud-init, DataSourceNoCloud). */
function isoOf(documents: SeedDocuments): Uint8Array {
  return writeIso(
    'cidata',
    Object.entries(documents).map(([name, content]) => ({ name, content: content as string | Uint8Array })),
  )
}

interface Expected {
  readonly at: StorageRef
  readonly volid: string
  readonly bytes: number
}

async function isThere({ at, volid, bytes }: Expected, { world, signal }: StepContext): Promise<boolean> {
  const rows = await api(world.pve, { signal }).nodes.$(at.node).storage.$(at.storage).content.$get({ content: 'iso' })
  return rows.some((row) => row.volid === volid && row.size === bytes)
}

function uploadOf(image: Uint8Array, at: StorageRef, fileName: string): UploadFile {
  const hex = createHash('sha256').update(image).digest('hex')
  return {
    at,
    content: 'iso',
    fileName,
    sizeBytes: image.length,
    checksum: { algorithm: 'sha256', hex },
    open: () => Readable.from([image]),
  }
}
