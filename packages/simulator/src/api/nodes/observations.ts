// What a node observes: the traffic of its machines, the log of its firewall, and appliances that it could download.
// Nothing is ever logged or downloaded here (pve-manager `API2/Nodes.pm`, pve-firewall `API2/Firewall/*.pm`).
import { badParameters } from '../../errors.ts'
import { withTotal } from '../../http/answer.ts'
import type { Call, Endpoint } from '../call.ts'

const node = '/nodes/{node}'

export const observationEndpoints: readonly Endpoint[] = [
  { path: `${node}/netstat`, method: 'GET', handle: traffic },
  { path: `${node}/firewall/log`, method: 'GET', handle: firewallLog },
  { path: `${node}/qemu/{vmid}/firewall/log`, method: 'GET', handle: firewallLog },
  { path: `${node}/aplinfo`, method: 'GET', handle: () => [] },
  { path: `${node}/aplinfo`, method: 'POST', handle: noAppliance },
]

/** The cards of running machines. No packets pass them. */
function traffic({ world, node: name }: Call): readonly Record<string, unknown>[] {
  return world.machines
    .on(name)
    .filter(({ power }) => power !== undefined)
    .flatMap(({ vmid, power }) =>
      Object.keys(power?.started ?? {})
        .filter((key) => /^net\d+$/.test(key))
        .map((dev) => ({ vmid: String(vmid), dev, in: '0', out: '0' })),
    )
    .sort((one, other) => (`${one.vmid}i${one.dev}` < `${other.vmid}i${other.dev}` ? -1 : 1))
}

function firewallLog(): unknown {
  return withTotal([{ n: 1, t: 'no content' }], 1)
}

/** Nothing is known until the list is updated. */
function noAppliance(): never {
  throw badParameters({ template: 'no such template' })
}
