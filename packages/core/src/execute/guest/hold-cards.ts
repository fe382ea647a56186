// Changes network cards that Proxmox would unplug from a running guest. They keep their link until the next restart.
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
 * Changes a guest's config. If the MAC, model, MTU or number of queues changes, Proxmox unplugs the card and plugs in a
 * new one that the guest does not know. While the VM's `hotplug` option lacks `network`, the change stays pending
 * instead (qemu-server `vmconfig_update_net`). The marker stores the original option, for a run that is killed in
 * between.
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

/** Returns the option without `network`, or undefined if it lacks it already. Unset and `1` mean `network,disk,usb`. */
function withoutNetwork(option: string): string | undefined {
  const parts = option === '' || option === '1' ? ['network', 'disk', 'usb'] : option.split(',')
  if (!parts.includes('network')) return undefined
  return parts.filter((part) => part !== 'network').join(',') || '0'
}

/** Returns the description with the original option in its marker, or without it. */
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
