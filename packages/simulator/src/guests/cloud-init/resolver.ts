// The node's resolver settings, which a machine's documents contain if the machine has none of its own.
import { type NodePlace, readResolver } from '../../state/system-files.ts'
import { type ConfigValue, textOf, type VmSection } from '../../state/vm-config.ts'

export interface Dns {
  readonly servers: readonly string[]
  readonly domains: readonly string[]
}

/** qemu-server `Cloudinit.pm:get_dns_conf` */
export function dnsOf(config: VmSection, place: NodePlace): Dns {
  const words = (text: ConfigValue = ''): readonly string[] => String(text).split(/\s+/).filter(Boolean)
  const { dns1, search } = readResolver(place)
  return {
    servers: words(textOf(config, 'nameserver') ?? dns1),
    domains: words(textOf(config, 'searchdomain') ?? search),
  }
}
