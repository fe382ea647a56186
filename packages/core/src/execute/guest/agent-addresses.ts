// Reads the addresses of a VM from its guest agent.
import { reachableAddresses } from '../../facts/cluster/reachable-addresses.ts'
import { pveOf } from '../step-api.ts'
import type { StepContext } from '../step-context.ts'
import type { GuestPlace } from './guest-config.ts'

/**
 * Returns the addresses at which the VM can be reached, without loopback and link-local ones.
 * @throws ProvisionError as the Proxmox port; its problem is `agent-unavailable` while the agent does not answer
 */
export async function agentAddresses({ vmid, node }: GuestPlace, context: StepContext): Promise<readonly string[]> {
  const { agent } = pveOf(context).nodes.$(node).qemu.$(vmid)
  return reachableAddresses(await agent['network-get-interfaces'].$get())
}
