// A machine's addresses, as its guest agent tells them.

import { isIP } from 'node:net'
import { pveOf } from '../step-api.ts'
import type { StepContext } from '../step-context.ts'
import type { GuestPlace } from './guest-config.ts'

/**
 * Addresses by which others can reach it: those of the loopback and of the link are left out.
 * @throws ProvisionError as the Proxmox port; `agent-unavailable` is its problem while the agent does not answer
 */
export async function agentAddresses({ vmid, node }: GuestPlace, context: StepContext): Promise<readonly string[]> {
  const { agent } = pveOf(context).nodes.$(node).qemu.$(vmid)
  const { result } = await agent['network-get-interfaces'].$get()
  const found = (result ?? []).filter(({ name }) => name !== 'lo')
  return found
    .flatMap((entry) => entry['ip-addresses'] ?? [])
    .flatMap(({ 'ip-address': address }) => (address && isIP(address) !== 0 && isReachable(address) ? [address] : []))
}

function isReachable(address: string): boolean {
  return !/^(127\.|169\.254\.|::1$|fe[89ab])/i.test(address)
}
