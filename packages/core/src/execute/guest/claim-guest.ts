// Claims a vmid for a new guest. Only the create call reserves an id, so every run tries the candidates in the same
// order. A guest that already belongs to the project is adopted.
import { ProvisionError } from '../../errors.ts'
import { isLeftover, isLostReply, isProblem } from '../../ports/pve/call/pve-problem.ts'
import type { StepContext } from '../step-context.ts'
import type { Identity } from './inspect-guest.ts'
import { hasEnded } from './run-task.ts'
import { orphanHint, waitUntilSettled } from './wait-until-settled.ts'

export interface Claim {
  readonly identity: Identity
  /** Ids to try, in the same order in every run. */
  readonly candidates: Iterable<number>
  /** Node of a new guest. */
  readonly node: string
  /** Nodes where another run may be creating the guest. */
  readonly nodes: readonly string[]
  /** Creates the guest with this id and waits for the task. */
  make(vmid: number): Promise<void>
}

export interface Claimed {
  readonly vmid: number
  readonly node: string
  /** True if this run created it. Otherwise it existed, or a parallel run created it. */
  readonly made: boolean
}

/**
 * Creates a guest with the first free candidate, or adopts one that already exists.
 * @throws ProvisionError `CONFLICT` if other guests have all candidates
 */
export async function claimGuest(claim: Claim, context: StepContext): Promise<Claimed> {
  for (const vmid of claim.candidates) {
    const claimed = await tryCandidate(vmid, claim, context)
    if (claimed !== undefined) return claimed
  }
  throw new ProvisionError('CONFLICT', `All VM IDs that ${claim.identity.name} may use are taken.`, {
    hint: 'Widen `vmids` in the manifest, or set another `vmid`.',
  })
}

const ATTEMPTS = 6
const PAUSE_MS = 1_000

/** Returns undefined if another guest has the candidate. */
async function tryCandidate(vmid: number, claim: Claim, context: StepContext): Promise<Claimed | undefined> {
  if (context.facts.listed.has(vmid)) {
    const holder = await holderOf(vmid, { claim, taken: false }, context)
    if (holder !== 'nobody') return holder
  }
  for (let attempt = 1; ; attempt += 1) {
    try {
      context.run.claims.add(vmid)
      await claim.make(vmid)
      return { vmid, node: claim.node, made: true }
    } catch (thrown) {
      context.run.claims.delete(vmid)
      if (isLeftover(thrown)) return explainLeftover(vmid, claim, context)
      if (!isDoubtful(thrown)) throw thrown
      const holder = await holderOf(vmid, { claim, taken: isProblem(thrown, 'already-exists') }, context)
      if (holder !== 'nobody') return holder
      if (!mayRepeat(thrown) || attempt >= ATTEMPTS) throw thrown
      context.onRetry({ reason: isLostReply(thrown) ? 'network' : 'lock', attempt, message: (thrown as Error).message })
      await context.world.clock.sleep(PAUSE_MS * attempt, context.signal)
    }
  }
}

/**
 * Returns true for failures after which the id may be taken. A clone loses a race inside its task: by "already exists",
 * by the lock of the new id, or by a file system error if the other clone is on another node.
 */
function isDoubtful(thrown: unknown): boolean {
  if (isLostReply(thrown) || isProblem(thrown, 'already-exists') || isProblem(thrown, 'lock-timeout')) return true
  return hasEnded(thrown)
}

/** A repeated call with the same id cannot create a second guest. */
function mayRepeat(thrown: unknown): boolean {
  return isLostReply(thrown) || isProblem(thrown, 'lock-timeout') || isProblem(thrown, 'already-exists')
}

async function holderOf(
  vmid: number,
  { claim, taken }: { readonly claim: Claim; readonly taken: boolean },
  context: StepContext,
): Promise<Claimed | 'nobody' | undefined> {
  const { identity, nodes } = claim
  const look = await waitUntilSettled({ vmid, identity, nodes, taken }, context)
  if (look.state === 'unseen') return 'nobody'
  return look.state === 'ours' ? { vmid, node: look.node, made: false } : undefined
}

function explainLeftover(vmid: number, { node }: Claim, { note }: StepContext): undefined {
  note(
    'warning',
    `Proxmox could not start the task and left ${vmid} behind, locked (create). ${orphanHint(vmid, node)}`,
  )
}
