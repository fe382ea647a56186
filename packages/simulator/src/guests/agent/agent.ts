// The guest agent of a simulated guest: whether it answers, and its answers.

import { failure } from '../../errors.ts'
import type { ConfiguredInterface } from '../../state/boot.ts'
import { fieldsOf, isTrue } from '../../state/fields.ts'
import type { Machine } from '../../state/machines.ts'
import { textOf } from '../../state/vm-config.ts'
import type { World } from '../../world.ts'
import { macOf } from '../cloud-init/addresses.ts'
import { behaviourOf } from '../inside/behaviour.ts'
import { bootOf, hasBooted } from '../inside/boots.ts'

export type AgentState = 'not configured' | 'off' | 'silent' | 'answering'

export function isAgentEnabled(machine: Machine): boolean {
  return isTrue(fieldsOf(textOf(machine.config, 'agent') ?? '', 'enabled').get('enabled'))
}

export function agentState(world: World, machine: Machine): AgentState {
  if (!isAgentEnabled(machine)) return 'not configured'
  if (machine.power === undefined) return 'off'
  const isThere = hasBooted(world, machine) && isInstalled(world, machine)
  return isThere && !machine.power.paused ? 'answering' : 'silent'
}

function isInstalled(world: World, machine: Machine): boolean {
  const { agent } = behaviourOf(world, machine.vmid)
  const boot = bootOf(world, machine)
  if (boot === undefined || boot.isAgentDead || agent === 'never') return false
  return agent || boot.disk.packages.includes('qemu-guest-agent')
}

/** @throws the agent's error if it is configured to refuse one of these commands */
export function requireAllowed(world: World, machine: Machine, commands: readonly string[]): void {
  if (bootOf(world, machine)?.isAgentFree === true) return
  const { agentRefuses } = behaviourOf(world, machine.vmid)
  const refused = commands.find((command) => agentRefuses.includes(command))
  if (refused === undefined) return
  throw failure(`Agent error: Command guest-${refused} has been disabled: the command is not allowed`)
}

/** Proxmox's error for a command that the agent did not answer in time. */
export function unanswered({ version }: World, { vmid }: Machine, command: string): string {
  return `VM ${vmid} ${version === '8.4' ? 'qmp' : 'qga'} command 'guest-${command}' failed - got timeout`
}

interface AgentAddress {
  readonly 'ip-address-type': 'ipv4' | 'ipv6'
  readonly 'ip-address': string
  readonly prefix: number
}

export interface AgentInterface {
  readonly name: string
  readonly 'hardware-address': string
  readonly 'ip-addresses'?: readonly AgentAddress[]
  readonly statistics: Readonly<Record<string, number>>
}

const statistics = Object.fromEntries(
  ['rx', 'tx'].flatMap((way) => ['bytes', 'packets', 'errs', 'dropped'].map((what) => [`${way}-${what}`, 0])),
)

/**
 * Returns `lo` and one device for each connected card. MAC addresses are in lower case, unlike in the configuration.
 */
export function networkInterfaces(world: World, machine: Machine): readonly AgentInterface[] {
  const loopback: AgentInterface = {
    name: 'lo',
    'hardware-address': '00:00:00:00:00:00',
    'ip-addresses': [
      { 'ip-address-type': 'ipv4', 'ip-address': '127.0.0.1', prefix: 8 },
      { 'ip-address-type': 'ipv6', 'ip-address': '::1', prefix: 128 },
    ],
    statistics,
  }
  const configured = bootOf(world, machine)?.disk.network
  const cards = [...machine.config.values.keys()].filter((key) => /^net\d+$/.test(key)).sort()
  const interfaces = cards.map((key, index) => {
    const mac = macOf(textOf(machine.config, key) ?? '').toLowerCase()
    const asking: ConfiguredInterface = { name: `eth${index}`, ipv4: ['dhcp'], ipv6: [] }
    const card = configured === undefined ? asking : configured[mac]
    return networkInterface(machine, { mac, card, number: Number(key.slice(3)) })
  })
  return [loopback, ...interfaces]
}

interface Card {
  readonly mac: string
  readonly card: ConfiguredInterface | undefined
  readonly number: number
}

/** A card that is not configured exists, but is down. */
function networkInterface({ vmid }: Machine, { mac, card, number }: Card): AgentInterface {
  const device = { name: card?.name ?? `ens${18 + number}`, 'hardware-address': mac }
  if (card === undefined) return { ...device, statistics }
  const leased = `10.99.${Math.floor(vmid / 250) % 250}.${(vmid % 250) + 2}/16`
  const four = card.ipv4.map((address) => (address === 'dhcp' ? leased : address))
  const six = [...card.ipv6.filter((address) => address !== 'dhcp'), `${linkLocal(mac)}/64`]
  return { ...device, 'ip-addresses': [...four.map(agentAddress), ...six.map(agentAddress)], statistics }
}

function agentAddress(cidr: string): AgentAddress {
  const [address = '', prefix] = cidr.split('/')
  const type = address.includes(':') ? 'ipv6' : 'ipv4'
  return { 'ip-address-type': type, 'ip-address': address, prefix: Number(prefix) }
}

function linkLocal(mac: string): string {
  const bytes = mac.split(':').map((byte) => Number.parseInt(byte, 16))
  if (bytes.length !== 6) return 'fe80::1'
  const hex = (high: number, low: number): string => (high * 256 + low).toString(16)
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = bytes
  return `fe80::${hex(a ^ 2, b)}:${hex(c, 0xff)}:${hex(0xfe, d)}:${hex(e, f)}`
}

/** Returns the host name inside the guest. */
export function guestHostName(world: World, machine: Machine): string {
  return bootOf(world, machine)?.disk.hostName ?? textOf(machine.config, 'name') ?? 'localhost'
}
