// Extracts the addresses at which a VM can be reached from a guest agent's answer.
import { isIP } from 'node:net'
import type { PveApi } from '../../ports/pve/api.ts'

type Qemu = ReturnType<ReturnType<PveApi['nodes']['$']>['qemu']['$']>
type Interfaces = Awaited<ReturnType<Qemu['agent']['network-get-interfaces']['$get']>>

/** Leaves out loopback and link-local addresses. */
export function reachableAddresses({ result }: Interfaces): readonly string[] {
  return (result ?? [])
    .filter(({ name }) => name !== 'lo')
    .flatMap((entry) => entry['ip-addresses'] ?? [])
    .flatMap(({ 'ip-address': address }) => (address && isIP(address) !== 0 && isReachable(address) ? [address] : []))
}

function isReachable(address: string): boolean {
  return !/^(127\.|169\.254\.|::1$|fe[89ab])/i.test(address)
}
