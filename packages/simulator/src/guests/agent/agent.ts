// The guest agent of a simulated guest: whether it answers, and what it would say.
import type { Machine } from '../../state/machines.ts'
import { textOf } from '../../state/vm-config.ts'
import type { World } from '../../world.ts'

export type AgentState = 'not configured' | 'off' | 'silent' | 'answering'

export function isAgentEnabled(machine: Machine): boolean {
  return /^(?:enabled=)?(?:1|on|yes|true)/.test(textOf(machine.config, 'agent') ?? '')
}

export function agentState(world: World, machine: Machine): AgentState {
  if (!isAgentEnabled(machine)) return 'not configured'
  if (machine.power === undefined) return 'off'
  return world.guests.agent && hasBooted(world, machine) && !machine.power.paused ? 'answering' : 'silent'
}

export function hasBooted(world: World, { power }: Machine): boolean {
  return power !== undefined && world.clock.now() - power.startedAt >= world.latency.bootMs
}

interface AgentAddress {
  readonly 'ip-address-type': 'ipv4' | 'ipv6'
  readonly 'ip-address': string
  readonly prefix: number
}

export interface AgentInterface {
  readonly name: string
  readonly 'hardware-address': string
  readonly 'ip-addresses': readonly AgentAddress[]
  readonly statistics: Readonly<Record<string, number>>
}

const statistics = Object.fromEntries(
  ['rx', 'tx'].flatMap((way) => ['bytes', 'packets', 'errs', 'dropped'].map((what) => [`${way}-${what}`, 0])),
)

/** `lo`, and one device for each network of the configuration; MAC addresses in lower case, unlike the configuration's. */
export function networkInterfaces(machine: Machine): readonly AgentInterface[] {
  const loopback: AgentInterface = {
    name: 'lo',
    'hardware-address': '00:00:00:00:00:00',
    'ip-addresses': [
      { 'ip-address-type': 'ipv4', 'ip-address': '127.0.0.1', prefix: 8 },
      { 'ip-address-type': 'ipv6', 'ip-address': '::1', prefix: 128 },
    ],
    statistics,
  }
  const networks = [...machine.config.values.keys()].filter((key) => /^net\d+$/.test(key)).sort()
  return [loopback, ...networks.map((key, index) => networkInterface(machine, key, index))]
}

function networkInterface(machine: Machine, key: string, index: number): AgentInterface {
  const mac = (/=([0-9A-F:]{17})/i.exec(textOf(machine.config, key) ?? '')?.[1] ?? '').toLowerCase()
  const number = key.slice(3)
  const wanted = /(?:^|,)ip=([0-9.]+)\/(\d+)/.exec(textOf(machine.config, `ipconfig${number}`) ?? '')
  const leased = `10.99.${Math.floor(machine.vmid / 250) % 250}.${(machine.vmid % 250) + 2}`
  return {
    name: `eth${index}`,
    'hardware-address': mac,
    'ip-addresses': [
      { 'ip-address-type': 'ipv4', 'ip-address': wanted?.[1] ?? leased, prefix: Number(wanted?.[2] ?? 16) },
      { 'ip-address-type': 'ipv6', 'ip-address': linkLocal(mac), prefix: 64 },
    ],
    statistics,
  }
}

function linkLocal(mac: string): string {
  const bytes = mac.split(':').map((byte) => Number.parseInt(byte, 16))
  if (bytes.length !== 6) return 'fe80::1'
  const hex = (high: number, low: number): string => (high * 256 + low).toString(16)
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = bytes
  return `fe80::${hex(a ^ 2, b)}:${hex(c, 0xff)}:${hex(0xfe, d)}:${hex(e, f)}`
}
