// Gives a successor the tags and the HA settings of the old VM that the manifest does not state.
import { ProvisionError } from '../../errors.ts'
import { OWNER_TAG } from '../../facts/cluster/marker.ts'
import type { GuestFacts, HaFacts } from '../../facts/facts.ts'
import type { Machine } from '../../manifest/manifest.ts'
import { resourceOf } from '../../plan/compare/compare-ha.ts'
import { parseTags } from '../../plan/config/property-string.ts'
import { type GuestPlace, type OwnGuest, readOwnGuest } from '../guest/guest-config.ts'
import { applyHa } from '../guest/ha.ts'
import { pveOf } from '../step-api.ts'
import type { StepContext } from '../step-context.ts'

interface Succession {
  readonly old: OwnGuest
  readonly successor: GuestPlace
  /** The HA settings of the old VM before it left the HA manager. */
  readonly ha: GuestFacts['ha']
}

/** Tags and HA belong to the machine, not to one of its VMs. The successor is stopped. */
export async function keepUndeclared(
  machine: Machine,
  { old, successor, ha }: Succession,
  context: StepContext,
): Promise<void> {
  const { declared } = machine
  const tags = parseTags(old.config.tags)
  if (!declared.has('tags') && tags.some((tag) => tag !== OWNER_TAG))
    await keepTags(machine, { tags, successor }, context)
  if (!declared.has('ha')) await joinHa(ha, { place: successor, state: 'stopped' }, context)
}

async function keepTags(
  { name }: Machine,
  { tags, successor }: Pick<Succession, 'successor'> & { readonly tags: readonly string[] },
  context: StepContext,
): Promise<void> {
  const identity = { project: context.desired.project, name, kind: 'machine' } as const
  const { vmid, node, config } = await readOwnGuest(successor, identity, context)
  const all = [...new Set([...parseTags(config.tags), ...tags])].sort()
  try {
    await pveOf(context)
      .nodes.$(node)
      .qemu.$(vmid)
      .config.$put({ tags: all.join(';') })
  } catch (thrown) {
    // Someone with more privileges may have set them.
    if (!(thrown instanceof ProvisionError) || thrown.code !== 'PERMISSION') throw thrown
    context.warn(`The new ${name} does not have the tags of the old one: ${thrown.message}`)
  }
}

/** Adds a VM to the HA manager with the settings that the old VM had. */
export async function joinHa(
  ha: HaFacts | undefined,
  { place, state }: { readonly place: GuestPlace; readonly state: 'started' | 'stopped' },
  context: StepContext,
): Promise<void> {
  if (ha === undefined) return
  const { rule, ...settings } = ha.settings ?? {}
  const set = { state, ...resourceOf(settings) }
  await applyHa({ action: 'add', set, ...(rule && { rule }), changes: [] }, place, context)
}
