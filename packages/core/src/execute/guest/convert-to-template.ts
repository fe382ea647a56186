// Converts an imported guest to a template, once, even if several runs try it.
import { ProvisionError } from '../../errors.ts'
import { type Marker, OWNER_TAG } from '../../facts/cluster/marker.ts'
import { isReadyTemplate, isTemplate } from '../../facts/cluster/template-state.ts'
import { splitTags, withTag } from '../../plan/config/property-string.ts'
import { listOwnRunningTasks } from '../../ports/pve/tasks/own-tasks.ts'
import { pveOf } from '../step-api.ts'
import type { StepContext } from '../step-context.ts'
import { type GuestPlace, type OwnGuest, readOwnGuest } from './guest-config.ts'
import { runTask } from './run-task.ts'

/**
 * Converts the guest to a template whose disk can be cloned.
 * @returns true if this run did it
 * @throws ProvisionError `CONFLICT` with `details.halfTemplate` if Proxmox left it partly converted
 */
export async function convertToTemplate(place: GuestPlace, marker: Marker, context: StepContext): Promise<boolean> {
  const guest = await readOwnGuest(place, marker, context)
  await ensureTag(guest, context)
  if (isTemplate(guest.config)) {
    await untilReady(guest, marker, context)
    return false
  }
  const isReady = async () => isReadyTemplate((await readOwnGuest(place, marker, context)).config)
  try {
    await runTask(
      { guest, start: (api) => api.nodes.$(guest.node).qemu.$(guest.vmid).template.$post(), isDone: isReady },
      context,
    )
  } catch (thrown) {
    // A parallel run may have been faster.
    if (!isTemplate((await readOwnGuest(place, marker, context)).config)) throw thrown
    await untilReady(guest, marker, context)
  }
  return true
}

/** Returns true if the error means a partly converted template. No call of Proxmox can complete it. */
export function isHalfTemplate(thrown: unknown): boolean {
  return thrown instanceof ProvisionError && thrown.details.halfTemplate === true
}

const LOOK_AGAIN_MS = 300
const PATIENCE_MS = 10_000

/** Waits, because another run's task may still be converting it. The disk is renamed last. */
async function untilReady(place: GuestPlace, marker: Marker, context: StepContext): Promise<void> {
  const { clock, pve } = context.world
  let quietSinceMs = clock.now()
  for (;;) {
    if (isReadyTemplate((await readOwnGuest(place, marker, context)).config)) return
    const tasks = await listOwnRunningTasks(pve, {
      nodes: [place.node],
      identity: pve.identity,
      signal: context.signal,
    })
    if (tasks.some(({ type, id }) => type === 'qmtemplate' && id === String(place.vmid))) quietSinceMs = clock.now()
    if (clock.now() - quietSinceMs > PATIENCE_MS) throw halfTemplate(place, marker)
    await clock.sleep(LOOK_AGAIN_MS, context.signal)
  }
}

function halfTemplate({ vmid, node }: GuestPlace, { image }: Marker): ProvisionError {
  return new ProvisionError('CONFLICT', `Template ${vmid} of ${image} on ${node} is only partly converted.`, {
    hint: `Remove it: qm destroy ${vmid} on ${node}.`,
    details: { vmid, halfTemplate: true },
  })
}

async function ensureTag({ vmid, node, config }: OwnGuest, context: StepContext): Promise<void> {
  if (splitTags(config.tags).includes(OWNER_TAG)) return
  const tags = withTag(config.tags, OWNER_TAG)
  await pveOf(context).nodes.$(node).qemu.$(vmid).config.$put({ tags })
}
