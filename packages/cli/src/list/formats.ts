// Formats machines: a table, an Ansible inventory, ssh config, lines for a hosts file.
import type { ListedMachine } from '@pve-provision/core'
import { addressOf, ansibleInventory, countText, durationText } from '@pve-provision/core/text'
import { table } from '../text/table.ts'

export const FORMATS = ['table', 'json', 'ansible', 'ssh', 'hosts'] as const
export type ListFormat = (typeof FORMATS)[number]

export interface ListTextOptions {
  readonly format: Exclude<ListFormat, 'json'>
  readonly nowMs: number
}

export function listText(machines: readonly ListedMachine[], { format, nowMs }: ListTextOptions): string {
  if (format === 'ansible') return ansibleInventory(machines)
  if (format === 'ssh') return sshConfig(machines)
  return format === 'hosts' ? hostsLines(machines) : machineTable(machines, nowMs)
}

function machineTable(machines: readonly ListedMachine[], nowMs: number): string {
  const rows = machines.map((machine) => [
    machine.name,
    String(machine.vmid),
    machine.node,
    machine.power,
    (machine.addresses.length > 0 ? machine.addresses : (machine.ips ?? [])).join(' '),
    machine.outdated ? `${machine.image} (outdated)` : machine.image,
    machine.tags.join(' '),
    leftOf(machine, nowMs),
    remarksOn(machine),
  ])
  const head = ['NAME', 'ID', 'NODE', 'POWER', 'ADDRESSES', 'IMAGE', 'TAGS', 'TIME LEFT', '']
  const used = head.map((title, column) => column < 6 || rows.some((row) => row[column] !== '') || title === 'NAME')
  const kept = (row: readonly string[]) => row.filter((_, column) => used[column])
  return `${table(kept(head), rows.map(kept)).join('\n')}\n`
}

function remarksOn({ entry, unused = [] }: ListedMachine): string {
  return [
    ...(entry === undefined ? ['not in the manifest'] : []),
    ...(unused.length === 0 ? [] : [`keeps ${countText(unused.length, 'unused disk')}`]),
  ].join(', ')
}

function leftOf({ expires }: ListedMachine, nowMs: number): string {
  if (expires === undefined) return ''
  const leftMs = Date.parse(expires) - nowMs
  return leftMs > 0 ? durationText(leftMs) : 'over'
}

function sshConfig(machines: readonly ListedMachine[]): string {
  return machines
    .flatMap((machine) => {
      const address = addressOf(machine)
      if (address === undefined) return []
      const user = machine.user === undefined ? [] : [`  User ${machine.user}`]
      return [[`Host ${machine.name}`, `  HostName ${address}`, ...user, ''].join('\n')]
    })
    .join('\n')
}

function hostsLines(machines: readonly ListedMachine[]): string {
  const lines = machines.flatMap((machine) => {
    const all = machine.addresses.length > 0 ? machine.addresses : (machine.ips ?? [])
    return all.map((address) => `${address.padEnd(15)} ${machine.name}`)
  })
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`
}
