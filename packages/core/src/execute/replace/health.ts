// Decides if a machine is healthy, by the `wait` of its rollout or of its entry.
import type { Machine } from '../../manifest/manifest.ts'
import type { GuestPlace } from '../guest/guest-config.ts'
import { MANAGER_PATIENCE_MS } from '../guest/ha.ts'
import { pveOf } from '../step-api.ts'
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
    return { addresses: [], missing: (await untilRunning(guest, context)) ? undefined : 'it is not running' }
  const deadlineMs = context.world.clock.now() + wait.seconds * 1000
  const { addresses, missing, hopeless } = await untilDeadline(machine, { guest, wait, deadlineMs }, context)
  return { addresses, missing: missing && `${missing}${hopeless ? '' : ` within ${wait.seconds} s`}` }
}

/** Another run may be rebooting the VM: it is stopped for a moment. */
const REBOOT_PATIENCE_MS = 10_000

/** @returns false if it does not run within the time that the HA manager, or a reboot, takes */
export async function untilRunning({ vmid, node }: GuestPlace, context: StepContext): Promise<boolean> {
  const { clock } = context.world
  const beganMs = clock.now()
  for (;;) {
    const { status, ha } = await pveOf(context).nodes.$(node).qemu.$(vmid).status.current.$get()
    if (status === 'running') return true
    const patienceMs = Number(ha?.managed ?? 0) === 1 ? MANAGER_PATIENCE_MS : REBOOT_PATIENCE_MS
    if (clock.now() - beganMs > patienceMs) return false
    await clock.sleep(1_000, context.signal)
  }
}
