// Vendor → storage: Proxmox downloads the image itself, verifies it and renames it. Nothing is transferred if it
// exists.

import { ProvisionError } from '../../errors.ts'
import { listStorage } from '../../facts/cluster/list-storage.ts'
import type { Digest } from '../../manifest/manifest.ts'
import type { StepOf } from '../../plan/step.ts'
import type { PveApi } from '../../ports/pve/api.ts'
import { foundChecksum, isProblem } from '../../ports/pve/call/pve-problem.ts'
import { runTask } from '../guest/run-task.ts'
import { digestAdvice } from '../image/digest-advice.ts'
import { waitForStorageTasks } from '../image/storage-tasks.ts'
import type { StepContext, StepRunner } from '../step-context.ts'

export const pull: StepRunner<'pull'> = async (step, context) => {
  // Proxmox renames a pulled file when it is complete, so a listed file is complete. The facts may be outdated: a
  // parallel run may have pulled it, or the task of a killed run may still be running.
  if (await isFetched(step, context)) return { volid: volidOf(step), kept: true }
  const failures: ProvisionError[] = []
  for (const url of step.urls) {
    try {
      await fetchByProxmox(step, url, context)
      return { volid: volidOf(step) }
    } catch (thrown) {
      if (!(thrown instanceof ProvisionError) || thrown.code !== 'TASK') throw thrown
      failures.push(thrown)
    }
  }
  throw notFetched(step, failures, context)
}

function notFetched(
  { image, digest }: StepOf<'pull'>,
  failures: readonly ProvisionError[],
  context: StepContext,
): ProvisionError {
  const wrong = failures.find((failure) => isProblem(failure, 'checksum-mismatch'))
  if (wrong !== undefined) {
    const { algorithm } = splitDigest(digest)
    const hex = foundChecksum(wrong)
    const message =
      hex === undefined
        ? `The image ${image} that Proxmox downloaded does not have the digest ${digest}.`
        : `The image ${image} that Proxmox downloaded has the digest ${algorithm}:${hex} instead of ${digest}.`
    return new ProvisionError('CHECKSUM', message, {
      cause: wrong,
      hint: `${digestAdvice(image, context)} Some servers compress files in transit: with \`route: push\` on the image, the error shows that.`,
      details: { promised: digest, ...(hex !== undefined && { found: `${algorithm}:${hex}` }) },
    })
  }
  const [cause] = failures
  return new ProvisionError('HTTP', `Proxmox could not download ${image}: ${cause?.message ?? 'no address'}`, {
    cause,
    hint: 'If the node cannot reach the vendor, set `route: push` on the image: your computer then downloads and sends it.',
  })
}

/**
 * With a checksum, Proxmox's `download-url` is idempotent: an equal file means success without a transfer.
 * `compression` is never sent, because a second run with it always fails.
 */
async function fetchByProxmox(step: StepOf<'pull'>, url: URL, context: StepContext): Promise<void> {
  const { algorithm, hex } = splitDigest(step.digest)
  const { node, storage } = step.at
  const parameters = {
    content: contentOf(step),
    filename: step.volume,
    url: url.href,
    checksum: hex,
    'checksum-algorithm': algorithm,
  } as const
  const start = (api: PveApi) => api.nodes.$(node).storage.$(storage)['download-url'].$post(parameters)
  await runTask({ start, isDone: () => isFetched(step, context) }, context)
}

/** After a lost reply or a kill, a task for this file name may still be running. Wait for it before checking. */
async function isFetched(step: StepOf<'pull'>, context: StepContext): Promise<boolean> {
  await waitForStorageTasks(step.at, { type: 'download', id: step.volume }, context)
  return isThere(step, context)
}

async function isThere({ at, volume, content }: StepOf<'pull'>, { world }: StepContext): Promise<boolean> {
  return (await listStorage(at, world.pve, content)).some(({ name }) => name === volume)
}

function volidOf(step: StepOf<'pull'>): string {
  return `${step.at.storage}:${contentOf(step)}/${step.volume}`
}

function contentOf({ content }: StepOf<'pull'>): 'import' | 'iso' {
  return content ?? 'import'
}

export function splitDigest(digest: Digest): { readonly algorithm: 'sha256' | 'sha512'; readonly hex: string } {
  const [algorithm, hex = ''] = digest.split(':')
  return { algorithm: algorithm === 'sha512' ? 'sha512' : 'sha256', hex }
}
