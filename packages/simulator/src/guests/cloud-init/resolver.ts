// The node's resolver settings, which a machine's documents contain if the machine has none of its own.
import { type ConfigValue, textOf, type VmSection } from '../../state/vm-config.ts'

/** The content of `/nodes/{node}/dns` and `/etc/resolv.conf`. */
export const nodeResolver = { dns1: '10.99.0.1', search: 'example.net' } as const

export interface Dns {
  readonly servers: readonly string[]
  readonly domains: readonly string[]
}

/** qemu-server `Cloudinit.pm:get_dns_conf` */
export function dnsOf(config: VmSection): Dns {
  const words = (text: ConfigValue): readonly string[] => String(text).split(/\s+/)
  return {
    servers: words(textOf(config, 'nameserver') ?? nodeResolver.dns1),
    domains: words(textOf(config, 'searchdomain') ?? nodeResolver.search),
  }
}
