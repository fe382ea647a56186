// Vendor → storage by Proxmox itself: verified there, renamed into place there, and free when it is there already.
import { ProvisionError } from '../errors.ts'
import type { Digest } from '../manifest/manifest.ts'
import type { StepOf } from '../plan/step.ts'
import { runTask } from './run-task.ts'
import type { StepContext, StepRunner } from './step-context.ts'

export const pull: StepRunner<'pull'> = async (step, context) => {
  const failures: ProvisionError[] = []
  for (const url of step.urls) {
    try {
      await fetchByProxmox(step, url, context)
      return { volid: `${step.at.storage}:import/${step.volume}` }
    } catch (thrown) {
      if (!(thrown instanceof ProvisionError) || thrown.code !== 'TASK') throw thrown
      failures.push(thrown)
    }
  }
  const [first] = failures
  throw new ProvisionError('HTTP', `Proxmox could not fetch ${step.image} by itself: ${first?.message ?? 'no address'}`, {
    cause: first,
    hint: 'If the node cannot reach the vendor, set `route: push` on the image: then this machine fetches and sends it.',
  })
}

/**
 * With a checksum Proxmox's `download-url` is idempotent: an equal file is success without a transfer. `compression` is
 * never sent: its second run always fails (pve-facts 0).
 */
async function fetchByProxmox(step: StepOf<'pull'>, url: URL, context: StepContext): Promise<void> {
  const { algorithm, hex } = splitDigest(step.digest)
  const path = `/nodes/${step.at.node}/storage/${step.at.storage}/download-url`
  const parameters = { content: 'import', filename: step.volume, url: url.href, checksum: hex, 'checksum-algorithm': algorithm }
  await runTask({ path, parameters }, context)
}

export function splitDigest(digest: Digest): { readonly algorithm: 'sha256' | 'sha512'; readonly hex: string } {
  const [algorithm, hex = ''] = digest.split(':')
  return { algorithm: algorithm === 'sha512' ? 'sha512' : 'sha256', hex }
}
