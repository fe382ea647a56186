// Repeats a change that Proxmox refused because another user changed the same configuration in between.
import { isLostReply, isProblem } from '../ports/pve/call/pve-problem.ts'
import type { StepContext } from './step-context.ts'

const ATTEMPTS = 4
const PAUSE_MS = 500

export interface ConflictOptions {
  /** Also repeats after a reply that was lost. For changes that `attempt` recognizes when it reads again. */
  readonly lostReplies?: boolean
}

/**
 * Runs `attempt`, which reads a configuration and changes it with the digest that it read. If the configuration changed
 * between the two, Proxmox refuses the change, and `attempt` runs again.
 * @throws the error of the fourth attempt, or any other error
 */
export async function retryOnConflict<T>(
  attempt: () => Promise<T>,
  { world, signal }: Pick<StepContext, 'world' | 'signal'>,
  { lostReplies = false }: ConflictOptions = {},
): Promise<T> {
  for (let count = 1; ; count += 1) {
    try {
      return await attempt()
    } catch (thrown) {
      const isRepeatable = isProblem(thrown, 'digest-mismatch') || (lostReplies && isLostReply(thrown))
      if (count >= ATTEMPTS || !isRepeatable) throw thrown
      await world.clock.sleep(PAUSE_MS * count, signal)
    }
  }
}
