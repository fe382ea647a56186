// Builds an image: boots a clone once with the recipe, waits for the result, and converts the clone to a template.
import { toProvisionError } from '../../errors.ts'
import { candidateVmids } from '../../facts/cluster/candidates.ts'
import { writeDescription } from '../../facts/cluster/marker.ts'
import { isTemplate } from '../../facts/cluster/template-state.ts'
import { bootVolume } from '../../plan/build/plan-build.ts'
import { templatePool } from '../../plan/config/template-config.ts'
import { templatesThere } from '../../plan/templates-there.ts'
import { type BuildOrder, orderOf, stageOf } from '../build/build-order.ts'
import { discardBuild, failBuild, interrupted, Unusable } from '../build/end-build.ts'
import { bootBuild, prepareBuild } from '../build/prepare-build.ts'
import { markSealed, sealBuild } from '../build/seal-build.ts'
import { untilEnded } from '../build/until-ended.ts'
import { type Claimed, claimGuest } from '../guest/claim-guest.ts'
import { convertToTemplate, isHalfTemplate } from '../guest/convert-to-template.ts'
import { resolveDuplicateTemplates } from '../guest/duplicates.ts'
import { isGone, type OwnGuest, readOwnGuest } from '../guest/guest-config.ts'
import { retryOnConflict } from '../retry-on-conflict.ts'
import type { StepContext, StepRunner } from '../step-context.ts'
import { cloneTemplate } from './create.ts'

/** How often an unusable guest is removed and created again, including the first attempt. */
const ATTEMPTS = 3

export const build: StepRunner<'build'> = async (step, context) => {
  const order = orderOf(step, context)
  for (let attempt = 1; ; attempt += 1) {
    const claimed = await context.inLanes(step.cloneLanes, () => claimBuild(order, context))
    try {
      const changed = await finishBuild(order, claimed, context)
      const { vmid, node, config } = await readOwnGuest(claimed, order.marker, context)
      return { guest: { vmid, node }, volid: bootVolume(config), kept: !claimed.made && !changed }
    } catch (thrown) {
      if (toProvisionError(thrown).code === 'CANCELLED') throw interrupted(order, claimed, thrown)
      if (attempt >= ATTEMPTS) throw thrown
      if (thrown instanceof Unusable || isHalfTemplate(thrown)) await discardBuild(order, claimed, context)
      else if (!isGone(thrown)) throw thrown
    }
  }
}

async function claimBuild(order: BuildOrder, context: StepContext): Promise<Claimed> {
  const { step, marker } = order
  const { project, vmids } = context.desired
  const { node } = step.at
  // A build that was started continues in its guest, even if an earlier id is free now.
  const begun = templatesThere(step, context.facts).map(({ vmid }) => vmid)
  const claimed = await claimGuest(
    {
      identity: marker,
      candidates: [...begun, ...candidateVmids(project, marker.name, vmids)],
      node,
      nodes: [node],
      make: (vmid) => clone(vmid, order, context),
    },
    context,
  )
  const walk = { name: marker.name, range: vmids }
  return resolveDuplicateTemplates(claimed, { identity: marker, walk, guestName: step.name }, context)
}

function clone(vmid: number, { step, marker }: BuildOrder, context: StepContext): Promise<void> {
  const { at, name, from, linked, templateFrom = '' } = step
  const pool = templatePool(step.image, context.desired)
  const description = writeDescription({ ...marker, vmid })
  const { node, storage } = at
  return cloneTemplate({ vmid, name, description, pool, storage, node, image: from, linked, templateFrom }, context)
}

/** Continues the build from its present stage to the end. @returns true if this run changed anything */
async function finishBuild(order: BuildOrder, claimed: Claimed, context: StepContext): Promise<boolean> {
  let hasWorked = false
  /** @returns false if nothing is left to do */
  const nextStage = async (): Promise<boolean> => {
    const guest = await readOwnGuest(claimed, order.marker, context)
    if (isTemplate(guest.config)) {
      hasWorked = (await convertToTemplate(guest, order.marker, context)) || hasWorked
      return false
    }
    await advance(order, { guest, isNew: claimed.made || hasWorked }, context)
    hasWorked = true
    return true
  }
  while (await retryOnConflict(nextStage, context, { lostReplies: true }));
  return hasWorked
}

interface Found {
  readonly guest: OwnGuest
  /** True if this run has seen the boot from its beginning. */
  readonly isNew: boolean
}

/** Does the next stage. */
async function advance(order: BuildOrder, { guest, isNew }: Found, context: StepContext): Promise<void> {
  switch (stageOf(guest)) {
    case undefined:
      return prepareBuild(order, guest, context)
    case 'prepared':
      return bootBuild(order, guest, context)
    case 'booted':
      return hearOut(order, { guest, isNew }, context)
    case 'sealed': {
      await sealBuild(order, guest, context)
      await convertToTemplate(guest, order.marker, context)
      return
    }
    case 'failed':
      throw new Unusable()
  }
}

async function hearOut(order: BuildOrder, { guest, isNew }: Found, context: StepContext): Promise<void> {
  const end = await untilEnded(order, guest, context)
  if (end.state === 'taken over') return
  if (end.state === 'well') return markSealed(order, guest, context)
  if (end.state === 'broken off' && !isNew) throw new Unusable()
  throw await failBuild(order, { guest, end }, context)
}
