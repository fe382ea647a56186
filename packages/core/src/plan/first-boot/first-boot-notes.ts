// Creates notes about first boots: settings that come from the node, and settings that are missing.
import type { Machine } from '../../manifest/manifest.ts'
import { nameList } from '../name-list.ts'
import { firstBootOf } from './first-boot.ts'
import { isOnLink } from './gateways.ts'
import { reasonsForCd } from './writer.ts'

/**
 * Notes machines with a static address and no name servers. Proxmox writes the node's name servers to its drive
 * (qemu-server `Cloudinit.pm` `get_dns_conf`). If the node's `resolv.conf` changes, that creates a new instance.
 */
export function nameServerNotes(machines: readonly Machine[]): readonly string[] {
  const without = machines.filter((machine) => machine.networks.length > 0 && lacksNameServers(machine))
  const ours = without.filter((machine) => reasonsForCd(firstBootOf(machine)).length > 0).map(({ name }) => name)
  const theirs = without.map(({ name }) => name).filter((name) => !ours.includes(name))
  return [
    ...(ours.length > 0
      ? [
          `${nameList(ours)} will have no name server, because the address is static: set \`dns.servers\` in \`cloudInit\`.`,
        ]
      : []),
    ...(theirs.length > 0
      ? [
          `Without \`dns.servers\` in \`cloudInit\`, ${nameList(theirs)} ${theirs.length === 1 ? 'gets' : 'get'} the name servers of the node; when they change there, cloud-init runs again at the next start.`,
        ]
      : []),
  ]
}

function lacksNameServers(machine: Machine): boolean {
  const { cards, nameservers } = firstBootOf(machine)
  const isFixed = ({ ip, ip6 }: (typeof cards)[number]) => ip?.includes('/') === true || ip6?.includes('/') === true
  return (
    nameservers.length === 0 && cards.some(isFixed) && !cards.some(({ ip, ip6 }) => ip === 'dhcp' || ip6 === 'dhcp')
  )
}

/**
 * Returns a note about machines with a gateway outside their prefix. The CD uses network-config version 2 for them, and
 * cloud-init's renderers for systemd-networkd and ifupdown drop `on-link` there (22.4 and 25.1).
 */
export function onLinkNotes(machines: readonly Machine[]): readonly string[] {
  const names = machines.filter((machine) => firstBootOf(machine).cards.some(isOnLink)).map(({ name }) => name)
  if (names.length === 0) return []
  return [
    `The gateway of ${nameList(names)} is outside ${names.length === 1 ? 'its' : 'their'} prefix. Images with netplan or NetworkManager reach it. Images with ifupdown, or with systemd-networkd alone, need a document of version 1 as \`networkConfig\`.`,
  ]
}
