// A machine's addresses, as its guest agent tells them.
import { reachableAddresses } from '../../facts/cluster/reachable-addresses.ts'
import { pveOf } from '../step-api.ts'
import type { StepContext } from '../step-context.ts'
import type { GuestPlace } from './guest-config.ts'

/**
 * Addresses by which others can reach it: those of the loopback and of the link are left out.
 * @throws ProvisionError as the Proxmox port; `agent-unavailable` is its problem while the agent does not answer
 */
export async function agentAddresses({ vmid, node }: GuestPlace, context: StepContext): Promise<readonly string[]> {
  const { agent } = pveOf(context).nodes.$(node).qemu.$(vmid)
  return reachableAddresses(await agent['network-get-interfaces'].$get())
}
