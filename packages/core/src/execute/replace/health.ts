// Decides if a machine is healthy, by the `wait` of its rollout or of its entry.
import type { Machine } from '../../manifest/manifest.ts'
import type { GuestPlace } from '../guest/guest-config.ts'
import { isRunning } from '../remove/remove-guest.ts'
import type { StepContext } from '../step-context.ts'
import { untilDeadline } from '../steps/wait.ts'

export interface Health {
  readonly addresses: readonly string[]
  /** A clause that says why it is not healthy. */
  readonly missing?: string | undefined
}

/** Waits as long as the manifest says. If the manifest sets no `wait`, a running machine is healthy. */
export async function untilHealthy(machine: Machine, guest: GuestPlace, context: StepContext): Promise<Health> {
  const wait = machine.rollout?.wait ?? machine.wait
  if (wait.for === 'none')
    return { addresses: [], missing: (await isRunning(guest, context)) ? undefined : 'it is not running' }
  const deadlineMs = context.world.clock.now() + wait.seconds * 1000
  const { addresses, missing, hopeless } = await untilDeadline(machine, { guest, wait, deadlineMs }, context)
  return { addresses, missing: missing && `${missing}${hopeless ? '' : ` within ${wait.seconds} s`}` }
}
