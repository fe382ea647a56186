// Network cards of a running guest that Proxmox would unplug over a change: they keep their link until it is restarted.
import { readMarker, readText, writeDescription } from '../../facts/cluster/marker.ts'
import type { GuestFacts } from '../../facts/facts.ts'
import type { Verdict } from '../../plan/compare/compare-machine.ts'
import { textOf } from '../../plan/config/property-string.ts'
import type { StepContext } from '../step-context.ts'
import { changeConfig } from './change-config.ts'
import { readOwnGuest } from './guest-config.ts'
import type { Identity } from './inspect-guest.ts'

export interface Held {
  readonly guest: GuestFacts
  readonly verdict: Pick<Verdict, 'set' | 'remove' | 'replug'>
  readonly identity: Identity
}

/**
 * Changes a guest's config. A card with another MAC, model, MTU or number of queues would be unplugged and plugged, and
 * the guest would have a card that it knows nothing of. While the machine's `hotplug` option is without `network`, the
 * same change is kept pending (qemu-server `vmconfig_update_net`); the marker remembers the option, for a run that is
 * killed in between.
 */
export async function changeHoldingCards({ guest, verdict, identity }: Held, context: StepContext): Promise<void> {
  const { set, remove, replug } = verdict
  const option = withoutNetwork(textOf(guest.config.hotplug))
  if (replug.length === 0 || guest.status !== 'running' || option === undefined)
    return changeConfig(guest, { set, remove }, context)
  const isHeld = ([key]: readonly [string, unknown]) => replug.includes(key)
  const entries = Object.entries(set)
  await changeConfig(guest, { set: Object.fromEntries(entries.filter((entry) => !isHeld(entry))), remove }, context)
  const now = async (): Promise<GuestFacts> => ({ ...guest, ...(await readOwnGuest(guest, identity, context)) })
  const was = textOf((await now()).config.hotplug)
  await changeConfig(await now(), { set: { hotplug: option, ...remembering(await now(), was) }, remove: [] }, context)
  try {
    await changeConfig(await now(), { set: Object.fromEntries(entries.filter(isHeld)), remove: [] }, context)
  } finally {
    const restored = { ...(was !== '' && { hotplug: was }), ...remembering(await now(), undefined) }
    await changeConfig(await now(), { set: restored, remove: was === '' ? ['hotplug'] : [] }, context)
  }
}

/** The option without `network`; nothing where it is without it already. Unset and `1` are `network,disk,usb`. */
function withoutNetwork(option: string): string | undefined {
  const parts = option === '' || option === '1' ? ['network', 'disk', 'usb'] : option.split(',')
  if (!parts.includes('network')) return undefined
  return parts.filter((part) => part !== 'network').join(',') || '0'
}

/** The description with the option as it was in its marker, or without. */
function remembering(
  { vmid, config }: GuestFacts,
  hotplug: string | undefined,
): { readonly description: string } | object {
  const marker = readMarker(config.description, vmid)
  if (marker === undefined) return {}
  const { hotplug: _, ...rest } = marker
  return {
    description: writeDescription(hotplug === undefined ? rest : { ...rest, hotplug }, readText(config.description)),
  }
}
