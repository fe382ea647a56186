// Records facts about images for the next run, and counts bytes that did not have to be downloaded.
import { ProvisionError } from '../../errors.ts'
import type { Facts } from '../../facts/facts.ts'
import { recordDigestFacts, sniffFile } from '../../facts/images/digest-facts.ts'
import type { PlannedSteps } from '../../plan/plan.ts'
import type { Step } from '../../plan/step.ts'
import type { World } from '../../ports/world.ts'
import type { Outcome } from '../../report/report.ts'

/** Records facts about bytes that were verified in this run. The next run needs no request for them. */
export async function rememberImages(
  outcomes: readonly Outcome[],
  { facts, world }: { readonly facts: Facts; readonly world: World },
): Promise<void> {
  const remembered = new Set<string>()
  for (const { step, status, result } of outcomes) {
    if (status !== 'done' || !isFetch(step) || remembered.has(step.image)) continue
    remembered.add(step.image)
    const image = facts.images.get(step.image)
    if (image === undefined || image instanceof ProvisionError) continue
    // For downloaded bytes, examine the verified file. What a server sent as first bytes is not reliable.
    const seen = result?.blob ? await sniffFile(result.blob.path).catch(() => undefined) : image
    if (seen !== undefined) await recordDigestFacts({ ...image, ...seen }, world)
  }
}

/** Returns the total size of the images that were resolved but not downloaded, as far as their sizes are known. */
export function bytesNotFetched(plan: PlannedSteps, facts: Facts): number {
  const fetched = new Set(plan.steps.flatMap((step) => (isFetch(step) && step.action === 'run' ? [step.image] : [])))
  const images = plan.steps.flatMap((step) =>
    step.kind === 'resolve' && !fetched.has(step.image) ? [facts.images.get(step.image)] : [],
  )
  return images.reduce((sum, image) => sum + (image instanceof ProvisionError ? 0 : (image?.sizeBytes ?? 0)), 0)
}

function isFetch(step: Step): step is Extract<Step, { kind: 'pull' | 'download' | 'stream' }> {
  return step.kind === 'pull' || step.kind === 'download' || step.kind === 'stream'
}
