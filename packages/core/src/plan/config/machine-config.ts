// Translates a declared machine into Proxmox's config: the wanted value of each key.
import { type Marker, OWNER_TAG, readText, writeDescription } from '../../facts/cluster/marker.ts'
import type { Machine, Network } from '../../manifest/manifest.ts'
import { macsOf } from '../first-boot/macs.ts'
import { cloudInitConfig } from '../first-boot/proxmox-keys.ts'
import { deviceConfig } from './device-config.ts'
import { diskConfig } from './disk-config.ts'
import { formatNetworkCard, parseNetworkCard, parseTags, withProperties, withTag } from './property-string.ts'
import type { Config, Counts, WantedConfig } from './wanted-config.ts'

export interface WantedOptions {
  /** Include everything, not only what the manifest sets, for a machine whose creation was interrupted. */
  readonly all?: boolean
}

/**
 * Returns the wanted values of everything that the manifest sets. Values that Proxmox generates (MACs, volume names)
 * come from the current config, so that a comparison shows only what the manifest changes.
 */
export function wantedConfig(
  machine: Machine,
  current: Config,
  marker: Marker,
  { all = false }: WantedOptions = {},
): WantedConfig {
  const counts: Counts = (key) => all || machine.declared.has(key)
  const { project } = marker
  // An unfinished clone has MACs from Proxmox, but its ISO contains this program's. A replacement has the old VM's
  // MACs.
  const isNew = all && marker.replaces === undefined
  const macs = macsOf(machine, { project, ...(!isNew && { current }) })
  return {
    ...identityConfig(machine, { current, marker, counts }),
    ...hardwareConfig(machine, counts),
    ...(all && { scsihw: 'virtio-scsi-single' }),
    ...(counts('network') && networkConfig(machine, { current, macs })),
    ...diskConfig(machine, current, counts),
    ...deviceConfig(machine, current, counts),
    ...policyConfig(machine, counts),
    ...cloudInitConfig(machine, { current, counts, project, macs }),
  }
}

function identityConfig(
  machine: Machine,
  { current, marker, counts }: { readonly current: Config; readonly marker: Marker; readonly counts: Counts },
): WantedConfig {
  // Tags and a description that users set in Proxmox stay, unless the manifest has its own.
  const text = counts('description') ? machine.description : readText(current.description)
  return {
    name: machine.name,
    tags: counts('tags')
      ? parseTags([OWNER_TAG, ...machine.tags].join(';')).join(';')
      : withTag(current.tags, OWNER_TAG),
    description: writeDescription(marker, text),
  }
}

function hardwareConfig({ cpu, memory, firmware, ...machine }: Machine, counts: Counts): WantedConfig {
  return only(counts, {
    cores: ['cores', cpu.cores],
    sockets: ['sockets', cpu.sockets],
    cpu: ['cpu', cpu.type ?? null],
    numa: ['numa', flag(cpu.numa)],
    cpulimit: ['cpuLimit', cpu.limit ?? null],
    cpuunits: ['cpuUnits', cpu.units ?? null],
    memory: ['memory', memory.memoryMiB],
    balloon: ['balloon', memory.balloonMiB ?? null],
    bios: ['bios', firmware.bios],
    machine: ['machine', machine.machineType ?? null],
    ostype: ['osType', machine.osType],
    serial0: ['serial', machine.serial ? 'socket' : null],
    // A display that the manifest sets comes from `deviceConfig`.
    ...(machine.vga === undefined && { vga: ['serial', machine.serial ? 'serial0' : 'std'] as const }),
    agent: ['agent', `enabled=${flag(machine.agent)}`],
  })
}

function policyConfig(machine: Machine, counts: Counts): WantedConfig {
  return only(counts, {
    // If the manifest does not state it, the template's boot order stays.
    ...(machine.bootOrder && { boot: ['boot', `order=${machine.bootOrder.join(';')}`] }),
    onboot: ['onBoot', flag(machine.onBoot)],
    startup: ['startOrder', startupOf(machine.startup)],
    protection: ['protection', flag(machine.protection)],
  })
}

type Entries = Readonly<Record<string, readonly [from: string, value: string | number | null]>>

/** Keeps the entries whose manifest key counts. */
function only(counts: Counts, entries: Entries): WantedConfig {
  return Object.fromEntries(
    Object.entries(entries).flatMap(([key, [from, value]]) => (counts(from) ? [[key, value]] : [])),
  )
}

function flag(on: boolean): 0 | 1 {
  return on ? 1 : 0
}

function startupOf(startup: Machine['startup']): string | null {
  if (startup === undefined) return null
  const { order, upSeconds, downSeconds } = startup
  const parts = Object.entries({ order, up: upSeconds, down: downSeconds }).filter(([, value]) => value !== undefined)
  return parts.map(([key, value]) => `${key}=${value}`).join(',')
}

function networkConfig(
  machine: Machine,
  { current, macs }: { readonly current: Config; readonly macs: readonly (string | undefined)[] },
): WantedConfig {
  const cards = machine.networks.map((network, index) => {
    const mac = macs[index]
    return [`net${index}`, networkCard({ ...network, ...(mac && { mac }) }, current[`net${index}`])] as const
  })
  const surplus = Object.keys(current)
    .filter((key) => /^net\d+$/.test(key) && Number(key.slice(3)) >= cards.length)
    .sort()
  return Object.fromEntries([...cards, ...surplus.map((key) => [key, null] as const)])
}

/** Returns the declared card. Its MAC stays, and queues, trunks and link stay if the manifest does not state them. */
function networkCard(network: Network, current: unknown): string {
  const { model, bridge, mac, vlan, firewall, rateMBps, mtu, trunks, queues, linkDown } = network
  const card = withProperties(current === undefined ? new Map() : parseNetworkCard(current), {
    model,
    ...(mac && { macaddr: mac.toUpperCase() }),
    bridge,
    firewall: firewall ? 1 : undefined,
    mtu,
    rate: rateMBps,
    tag: vlan,
    ...(trunks && { trunks: trunks.length > 0 ? trunks.join(';') : undefined }),
    ...(queues !== undefined && { queues: queues > 0 ? queues : undefined }),
    ...(linkDown !== undefined && { link_down: linkDown ? 1 : undefined }),
  })
  return formatNetworkCard(card)
}
