// Changes network cards of a running machine (qemu-server `QemuServer.pm:vmconfig_update_net`).

import { differ } from '../../state/fields.ts'
import { networkOf } from '../../state/network.ts'
import { textOf } from '../../state/vm-config.ts'
import { hotplugFeatures } from './hotplug-features.ts'
import type { Hotplug, Outcome } from './hotplug-work.ts'
import { unplug } from './unplug.ts'

/** Bridge, tag, rate and link state change on the existing card. Any other change replaces the card. */
export async function hotplugNetwork({ call, task, machine }: Hotplug, key: string, value: string): Promise<Outcome> {
  const before = textOf(machine.config, key)
  const isHotPluggable = hotplugFeatures(machine.config).has('network')
  if (before === undefined) return isHotPluggable ? 'applied' : 'pending'
  const [old, card] = [networkOf(before), networkOf(value)]
  const isSameCard =
    !differ(old, card, ['model', 'macaddr', 'queues', 'mtu']) && old.has('bridge') && card.has('bridge')
  if (isSameCard) return 'applied'
  if (!isHotPluggable) return 'pending'
  await unplug({ world: call.world, task, machine }, key)
  return 'applied'
}
