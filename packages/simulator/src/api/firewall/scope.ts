// The places that have a firewall configuration, and what the calls for them have in common.
import { failure } from '../../errors.ts'
import type { Firewall } from '../../state/firewall.ts'
import type { Call, Endpoint } from '../call.ts'

/** What rules may say differs by place. */
export type RulePlace = 'cluster' | 'host' | 'vm' | 'ct' | 'group'

export interface Scope {
  readonly root: string
  readonly place: RulePlace
  of(call: Call): Firewall
}

const ofGuest = (call: Call): Firewall => call.world.firewalls.ofGuest(call.integer('vmid'))

export const cluster: Scope = {
  root: '/cluster/firewall',
  place: 'cluster',
  of: ({ world }) => world.firewalls.cluster,
}
export const host: Scope = {
  root: '/nodes/{node}/firewall',
  place: 'host',
  of: ({ world, node }) => world.firewalls.ofNode(node),
}
export const guests: readonly Scope[] = [
  { root: '/nodes/{node}/qemu/{vmid}/firewall', place: 'vm', of: ofGuest },
  { root: '/nodes/{node}/lxc/{vmid}/firewall', place: 'ct', of: ofGuest },
]

/** Throws if the caller read another version of a list. */
export function checkDigest(call: Call, digest: string): void {
  const expected = call.optional('digest')
  if (expected && expected !== digest) {
    throw failure('detected modified configuration - file changed by other user? Try again.')
  }
}

/** Returns the endpoint of a change, which saves the configuration if `change` succeeds. */
export function changing(
  scope: Scope,
  { method, path }: Pick<Endpoint, 'method' | 'path'>,
  change: (call: Call, firewall: Firewall) => void,
): Endpoint {
  return {
    method,
    path,
    handle: (call) => {
      const firewall = scope.of(call)
      if (!call.world.quorate) throw failure("cfs-lock 'firewall-cluster' error: no quorum!")
      change(call, firewall)
      call.world.firewalls.save(firewall)
      return null
    },
  }
}
