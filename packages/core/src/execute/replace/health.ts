// Whether a machine is healthy: by what its roll-out, or its entry, waits for.
import type { Machine } from '../../manifest/manifest.ts'
import type { GuestPlace } from '../guest/guest-config.ts'
import { isRunning } from '../remove/remove-guest.ts'
import type { StepContext } from '../step-context.ts'
import { untilDeadline } from '../steps/wait.ts'

export interface Health {
  readonly addresses: readonly string[]
  /** Why it is not healthy: a clause. */
  readonly missing?: string | undefined
}

/** Waits for it, as long as the manifest says. Without a word about it, a machine that runs is healthy. */
export async function untilHealthy(machine: Machine, guest: GuestPlace, context: StepContext): Promise<Health> {
  const wait = machine.rollout?.wait ?? machine.wait
  if (wait.for === 'none')
    return { addresses: [], missing: (await isRunning(guest, context)) ? undefined : 'it does not run' }
  const deadlineMs = context.world.clock.now() + wait.seconds * 1000
  const { addresses, missing, hopeless } = await untilDeadline(machine, { guest, wait, deadlineMs }, context)
  return { addresses, missing: missing && `${missing}${hopeless ? '' : ` within ${wait.seconds} s`}` }
}
