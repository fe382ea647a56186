// Finds values that two machines of a manifest would share: names, ids, MAC addresses, addresses of one network.
import ipaddr from 'ipaddr.js'
import type { Machine } from '../manifest.ts'
import type { ManifestPath } from '../read/tree.ts'

interface Claim {
  /** A key for the value that only one machine may have. */
  readonly key: string
  /** The path in the manifest that states the value. */
  readonly path: ManifestPath
  readonly message: (other: Machine) => string
}

/** Reports one problem for each value that two machines share. */
export function reportDuplicates(
  machines: readonly Machine[],
  addProblem: (path: ManifestPath, message: string) => void,
): void {
  const owners = new Map<string, Machine>()
  for (const machine of machines)
    for (const { key, path, message } of claimsOf(machine)) {
      const owner = owners.get(key)
      if (owner === undefined) owners.set(key, machine)
      // Duplicates among the machines of one entry are reported at its `count`.
      else if (owner === machine || owner.entry !== machine.entry)
        addProblem(['vms', machine.entry, ...path], message(owner))
    }
}

function claimsOf(machine: Machine): readonly Claim[] {
  const { name, entry, vmid, networks } = machine
  return [
    {
      key: `name ${name.toLowerCase()}`,
      path: [],
      message: (other) =>
        `Two machines are called \`${name}\`: one from \`vms.${other.entry}\`, one from \`vms.${entry}\`.`,
    },
    ...(vmid === undefined
      ? []
      : [
          {
            key: `vmid ${vmid}`,
            path: ['vmid'],
            message: (other: Machine) => `\`vms.${entry}\` and \`vms.${other.entry}\` both have vmid ${vmid}.`,
          },
        ]),
    ...networks.flatMap(({ mac }): Claim[] =>
      mac === undefined
        ? []
        : [
            {
              key: `mac ${mac}`,
              path: ['network'],
              message: (other) => shared(machine, other, `the MAC address ${mac}`),
            },
          ],
    ),
    ...addressClaims(machine),
  ]
}

function shared({ name }: Machine, other: Machine, what: string): string {
  return name === other.name
    ? `${name} would have ${what} twice.`
    : `${name} and ${other.name} would both have ${what}.`
}

/** The same address behind another bridge or VLAN is not a duplicate. */
function addressClaims(machine: Machine): readonly Claim[] {
  const { networks, cloudInit } = machine
  return (cloudInit?.addresses ?? []).flatMap(({ ip, ip6 }, index) => {
    const { bridge = '', vlan = '' } = networks[index] ?? {}
    return Object.entries({ ip, ip6 }).flatMap(([key, address]): Claim[] => {
      if (!address?.includes('/')) return []
      const plain = ipaddr.parseCIDR(address)[0].toString()
      return [
        {
          key: `address ${bridge}/${vlan} ${plain}`,
          path: ['cloudInit', key],
          message: (other) => shared(machine, other, `the address ${plain}`),
        },
      ]
    })
  })
}
