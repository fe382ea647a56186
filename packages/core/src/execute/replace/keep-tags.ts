// Gives a successor the tags of the old VM that the manifest does not state.
import { ProvisionError } from '../../errors.ts'
import { OWNER_TAG } from '../../facts/cluster/marker.ts'
import type { Machine } from '../../manifest/manifest.ts'
import { splitTags, textOf, withTag } from '../../plan/config/property-string.ts'
import { type GuestPlace, type OwnGuest, readOwnGuest } from '../guest/guest-config.ts'
import { machineIdentity } from '../guest/inspect-guest.ts'
import { pveOf } from '../step-api.ts'
import type { StepContext } from '../step-context.ts'

interface Succession {
  readonly old: Pick<OwnGuest, 'config'>
  readonly successor: GuestPlace
}

/** Tags belong to the machine, not to one of its VMs. */
export async function keepTags(
  { name, declared }: Machine,
  { old: { config: oldConfig }, successor }: Succession,
  context: StepContext,
): Promise<void> {
  const old = splitTags(oldConfig.tags)
  if (declared.has('tags') || old.every((tag) => tag === OWNER_TAG)) return
  const identity = machineIdentity(name, context)
  const { vmid, node, config } = await readOwnGuest(successor, identity, context)
  const tags = old.reduce((text, tag) => withTag(text, tag), textOf(config.tags))
  try {
    await pveOf(context).nodes.$(node).qemu.$(vmid).config.$put({ tags })
  } catch (thrown) {
    // Someone with more privileges may have set them.
    if (!(thrown instanceof ProvisionError) || thrown.code !== 'PERMISSION') throw thrown
    context.warn(`The new ${name} does not have the tags of the old one: ${thrown.message}`)
  }
}
