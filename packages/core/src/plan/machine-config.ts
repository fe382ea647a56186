// What a machine's declaration means in Proxmox's config keys: for each declared key, the value it should have.
import { type Marker, OWNER_TAG, writeDescription } from '../facts/marker.ts'
import type { Address, CloudInit, Disk, Machine, Network } from '../manifest/manifest.ts'
import { parseProperties } from './property-string.ts'

export type Config = Readonly<Record<string, unknown>>
/** Wanted values by key; `null`: the key should not be there. */
export type WantedConfig = Readonly<Record<string, string | number | null>>

/**
 * Wanted values for all that the manifest declares. What Proxmox generates (MAC, volume names) is taken over from the
 * current config, so that a comparison shows only what the manifest wants otherwise.
 */
export function wantedConfig(machine: Machine, current: Config, marker: Marker): WantedConfig {
  return {
    ...identityOf(machine, marker),
    ...hardwareOf(machine),
    ...networksOf(machine, current),
    ...disksOf(machine, current),
    ...policyOf(machine),
    ...(machine.cloudInit && cloudInitOf(machine.cloudInit)),
  }
}

function identityOf(machine: Machine, marker: Marker): WantedConfig {
  return {
    name: machine.name,
    tags: [...new Set([OWNER_TAG, ...machine.tags])].sort().join(';'),
    description: writeDescription(marker, machine.description),
  }
}

function hardwareOf({ cpu, memory, firmware, declared, ...machine }: Machine): WantedConfig {
  return only(declared, {
    cores: ['cores', cpu.cores],
    sockets: ['sockets', cpu.sockets],
    cpu: ['cpu', cpu.type ?? null],
    numa: ['numa', flag(cpu.numa)],
    memory: ['memory', memory.memoryMiB],
    balloon: ['balloon', memory.balloonMiB ?? null],
    bios: ['bios', firmware.bios],
    machine: ['machine', machine.machineType ?? null],
    ostype: ['osType', machine.osType],
    serial0: ['serial', machine.serial ? 'socket' : null],
    vga: ['serial', machine.serial ? 'serial0' : 'std'],
    agent: ['agent', `enabled=${flag(machine.agent)}`],
  })
}

function policyOf({ declared, ...machine }: Machine): WantedConfig {
  return only(declared, {
    boot: ['boot', machine.bootOrder ? `order=${machine.bootOrder.join(';')}` : null],
    onboot: ['onBoot', flag(machine.onBoot)],
    startup: ['startOrder', startupOf(machine.startup)],
    protection: ['protection', flag(machine.protection)],
  })
}

/** Keeps the entries whose manifest key is declared. */
function only(declared: ReadonlySet<string>, entries: Readonly<Record<string, readonly [string, string | number | null]>>): WantedConfig {
  return Object.fromEntries(Object.entries(entries).flatMap(([key, [from, value]]) => (declared.has(from) ? [[key, value]] : [])))
}

function flag(on: boolean): number {
  return on ? 1 : 0
}

function startupOf(startup: Machine['startup']): string | null {
  if (startup === undefined) return null
  const { order, upSeconds, downSeconds } = startup
  const parts = Object.entries({ order, up: upSeconds, down: downSeconds }).filter(([, value]) => value !== undefined)
  return parts.map(([key, value]) => `${key}=${value}`).join(',')
}

function networksOf({ networks, declared }: Machine, current: Config): WantedConfig {
  if (!declared.has('network')) return {}
  const wanted = Object.fromEntries(networks.map((network, index) => [`net${index}`, networkOf(network, current[`net${index}`])]))
  const surplus = Object.keys(current).filter((key) => /^net\d+$/.test(key) && !(key in wanted))
  return { ...wanted, ...Object.fromEntries(surplus.map((key) => [key, null])) }
}

/** `virtio=BC:24:11:…,bridge=vmbr0,firewall=1,tag=20`; without a MAC Proxmox makes one, which is then kept. */
function networkOf(network: Network, current: unknown): string {
  const { model, bridge, vlan, firewall, rateMBps, mtu } = network
  const mac = network.mac ?? macOf(current)
  const parts: readonly (readonly [string, string | number | undefined])[] = [
    ['bridge', bridge],
    ['firewall', firewall === undefined ? undefined : flag(firewall)],
    ['mtu', mtu],
    ['rate', rateMBps],
    ['tag', vlan],
  ]
  const rest = parts.filter(([, value]) => value !== undefined).map(([key, value]) => `${key}=${value}`)
  return [mac === undefined ? model : `${model}=${mac}`, ...rest].join(',')
}

const MODELS = ['virtio', 'e1000', 'e1000e', 'rtl8139', 'vmxnet3']

function macOf(current: unknown): string | undefined {
  if (typeof current !== 'string') return undefined
  const properties = parseProperties(current, 'model')
  return MODELS.map((model) => properties.get(model)).find((mac) => mac !== undefined)
}

/** The bus position of a machine's disks: the boot disk is `scsi0`, further ones follow. */
export function diskKey(index: number): string {
  return `scsi${index}`
}

function disksOf({ disk, disks, storage, declared, firmware }: Machine, current: Config): WantedConfig {
  const boot = declared.has('disk') ? { [diskKey(0)]: existingDisk(disk, current[diskKey(0)]) } : {}
  const further = disks.map((entry, index) => [diskKey(index + 1), furtherDisk(entry, current[diskKey(index + 1)], storage.disks)])
  return {
    ...boot,
    ...(declared.has('disks') && Object.fromEntries(further)),
    ...(firmware.bios === 'ovmf' && !current['efidisk0'] && { efidisk0: `${storage.disks}:1,efitype=4m,pre-enrolled-keys=${flag(firmware.secureBoot)}` }),
    ...(firmware.tpm && !current['tpmstate0'] && { tpmstate0: `${storage.disks}:1,version=v2.0` }),
  }
}

const DISK_OPTIONS: readonly (readonly [keyof Disk, string])[] = [
  ['backup', 'backup'],
  ['cache', 'cache'],
  ['discard', 'discard'],
  ['ioThread', 'iothread'],
  ['ssd', 'ssd'],
]

/** The drive as it is, with the declared options in place; its size changes by resize alone. */
function existingDisk(disk: Disk, current: unknown): string {
  const properties = new Map(parseProperties(String(current ?? ''), 'file'))
  for (const [key, name] of DISK_OPTIONS) {
    const value = disk[key]
    if (value !== undefined) properties.set(name, optionValue(name, value))
  }
  return [...properties].map(([key, value]) => (key === 'file' ? value : `${key}=${value}`)).join(',')
}

function furtherDisk(disk: Disk, current: unknown, storage: string): string {
  if (current !== undefined) return existingDisk(disk, current)
  const gibibytes = Math.ceil((disk.sizeBytes ?? 0) / 1024 ** 3)
  return existingDisk(disk, `${disk.storage ?? storage}:${gibibytes}`)
}

function optionValue(name: string, value: unknown): string {
  if (typeof value !== 'boolean') return String(value)
  return name === 'discard' ? (value ? 'on' : 'ignore') : String(flag(value))
}

function cloudInitOf(cloudInit: CloudInit): WantedConfig {
  const { user, password, sshKeys, addresses, nameservers, searchDomain, upgrade } = cloudInit
  return {
    ...(user !== undefined && { ciuser: user }),
    ...(password !== undefined && { cipassword: password }),
    ...(sshKeys.length > 0 && { sshkeys: encodeKeys(sshKeys) }),
    ...Object.fromEntries(addresses.map((address, index) => [`ipconfig${index}`, addressOf(address)])),
    ...(nameservers.length > 0 && { nameserver: nameservers.join(' ') }),
    ...(searchDomain !== undefined && { searchdomain: searchDomain }),
    ...(upgrade !== undefined && { ciupgrade: flag(upgrade) }),
  }
}

/** Percent-encoded before the form is encoded: Proxmox wants it doubly (pve-facts 2.5). */
export function encodeKeys(keys: readonly string[]): string {
  return encodeURIComponent(keys.join('\n')).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
}

function addressOf({ ip, gateway, ip6, gateway6 }: Address): string {
  const parts = Object.entries({ ip, gw: gateway, ip6, gw6: gateway6 }).filter(([, value]) => value !== undefined)
  return parts.map(([key, value]) => `${key}=${value}`).join(',')
}
