// The create call is the only reservation: candidates are tried in the order that every run has, and what is ours is adopted.
import { ProvisionError } from '../errors.ts'
import { isLostReply } from '../ports/pve/problem.ts'
import { type Identity, type Look, lookAtGuest } from './look-at-guest.ts'
import type { StepContext } from './step-context.ts'

export interface Claim {
  readonly identity: Identity
  /** Ids to try, the same in every run. */
  readonly candidates: Iterable<number>
  /** Where a new guest is made. */
  readonly node: string
  /** Makes the guest under this id and waits for the task. */
  make(vmid: number): Promise<void>
}

export interface Claimed {
  readonly vmid: number
  readonly node: string
  /** Made by this run; otherwise it was there, or a sibling run made it. */
  readonly made: boolean
}

/**
 * Makes a guest under the first candidate that is free, or adopts the one that is there already.
 * @throws ProvisionError `CONFLICT` when every candidate is somebody else's
 */
export async function claimGuest(claim: Claim, context: StepContext): Promise<Claimed> {
  for (const vmid of claim.candidates) {
    const claimed = await tryCandidate(vmid, claim, context)
    if (claimed !== undefined) return claimed
  }
  throw new ProvisionError('CONFLICT', `No id is left for ${claim.identity.name}: all candidates belong to others.`, {
    hint: 'Widen `vmids` in the manifest, or give another `vmid`.',
  })
}

async function tryCandidate(vmid: number, claim: Claim, context: StepContext): Promise<Claimed | undefined> {
  if (context.facts.usedVmids.has(vmid)) {
    const look = await settledLook(vmid, claim.identity, context)
    if (look.state !== 'free') return adopted(vmid, look)
  }
  try {
    await claim.make(vmid)
    return { vmid, node: claim.node, made: true }
  } catch (thrown) {
    if (!isTaken(thrown) && !isLostReply(thrown)) throw thrown
    const look = await settledLook(vmid, claim.identity, context)
    // A lost reply without an effect: the caller's next attempt is the next run's, or this candidate once more.
    if (look.state === 'free') return isLostReply(thrown) ? tryAgain(vmid, claim) : undefined
    return adopted(vmid, look)
  }
}

async function tryAgain(vmid: number, claim: Claim): Promise<Claimed> {
  await claim.make(vmid)
  return { vmid, node: claim.node, made: true }
}

function adopted(vmid: number, look: Look): Claimed | undefined {
  return look.state === 'ours' ? { vmid, node: look.node, made: false } : undefined
}

/** "already exists", from the call or, as clones lose their races there, from the task. */
function isTaken(thrown: unknown): boolean {
  return thrown instanceof ProvisionError && thrown.details['problem'] === 'already-exists'
}

const LOOK_AGAIN_MS = 500
/** How long a guest may stay unfinished with no task of ours at work on it before it counts as an orphan. */
const ORPHAN_MS = 10 * 60 * 1000

/** Waits while the guest is being made, by a sibling run or by a task that a killed run left behind. */
async function settledLook(vmid: number, identity: Identity, context: StepContext): Promise<Look> {
  const { world, signal, note } = context
  const sinceMs = world.clock.now()
  let told = false
  for (;;) {
    signal.throwIfAborted()
    const look = await lookAtGuest(vmid, identity, world)
    if (look.state !== 'in flight') return look
    if (!told) note('info', `${vmid} is being made (${look.lock}); waiting for it`)
    told = true
    if (world.clock.now() - sinceMs > ORPHAN_MS) {
      note('warning', orphanSentence(vmid, look))
      return { state: 'foreign' }
    }
    await world.clock.sleep(LOOK_AGAIN_MS, signal)
  }
}

function orphanSentence(vmid: number, { node, lock }: { readonly node?: string; readonly lock: string }): string {
  return `${vmid} on ${node ?? 'an unknown node'} stays locked (${lock}): a failed create left it. As root: qm unlock ${vmid} && qm destroy ${vmid}`
}
