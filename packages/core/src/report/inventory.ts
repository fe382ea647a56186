// Formats machines as an Ansible inventory: groups by entry, node and tag, with names that Ansible accepts.
import { stringify } from 'yaml'
import type { ListedMachine } from '../plan/day-two/list-machines.ts'

/** The fields of a machine that an inventory uses. */
export type InventoryMachine = Pick<
  ListedMachine,
  'name' | 'vmid' | 'node' | 'entry' | 'addresses' | 'ips' | 'tags' | 'user'
>

/** Returns the address of a machine: the first that it declares, else the first that its guest agent reported. */
export function addressOf({ addresses, ips = [] }: Pick<ListedMachine, 'addresses' | 'ips'>): string | undefined {
  return addresses[0] ?? ips[0]
}

/**
 * Creates an inventory in YAML, for `ansible-playbook -i FILE`. A machine without a known address has no
 * `ansible_host`.
 */
export function ansibleInventory(machines: readonly InventoryMachine[]): string {
  const hosts = Object.fromEntries(machines.map((machine) => [machine.name, variablesOf(machine)]))
  const groups = [
    // Ansible warns about a group with the name of a host.
    ...groupsOf(machines, ({ entry, name }) => (entry === undefined || entry === name ? [] : [entry])),
    ...groupsOf(machines, ({ node }) => [`node_${node}`]),
    ...groupsOf(machines, ({ tags }) => tags.map((tag) => `tag_${tag}`)),
  ]
  const children = Object.fromEntries(
    groups.map(([group, names]) => [group, { hosts: Object.fromEntries(names.map((name) => [name, {}])) }]),
  )
  return stringify({ all: { hosts, ...(groups.length > 0 && { children }) } }, { lineWidth: 0 })
}

function variablesOf(machine: InventoryMachine) {
  const { vmid, node, user } = machine
  const address = addressOf(machine)
  return {
    ...(address !== undefined && { ansible_host: address }),
    ...(user !== undefined && { ansible_user: user }),
    proxmox_vmid: vmid,
    proxmox_node: node,
  }
}

function groupsOf(
  machines: readonly InventoryMachine[],
  of: (machine: InventoryMachine) => readonly string[],
): readonly (readonly [string, readonly string[]])[] {
  const groups = new Map<string, string[]>()
  for (const machine of machines)
    for (const group of of(machine).map(groupName)) groups.set(group, [...(groups.get(group) ?? []), machine.name])
  return [...groups].sort(([one], [other]) => one.localeCompare(other))
}

function groupName(text: string): string {
  return text.replace(/[^A-Za-z0-9_]/g, '_').replace(/^(?=\d)/, '_')
}
