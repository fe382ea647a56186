// Checks keys of an entry, or of several entries, against each other.
import ipaddr from 'ipaddr.js'
import type { ManifestPath } from '../read/tree.ts'
import type { MachineDocument } from '../schema/manifest-schema.ts'
import { dnsName, LARGEST_VMID, sizeInBytes } from '../schema/values.ts'
import { addressAfter, type Counted, isFrom, macAfter } from './counted.ts'
import { addressDocuments } from './expand-cloud-init.ts'

type AddProblem = (path: ManifestPath, message: string) => void

/** Checks the keys of one entry against each other. */
export function checkEntry(path: ManifestPath, merged: MachineDocument, addProblem: AddProblem): void {
  checkCounted(path, merged, addProblem)
  checkAddresses(path, merged, addProblem)
  checkFixedAddresses(path, merged, addProblem)
  checkMemory(path, merged, addProblem)
  checkBalloon(path, merged, addProblem)
  checkHardware(path, merged, addProblem)
  checkIdle(path, merged, addProblem)
}

/** A fixed value is for one machine; a list has one value for each machine. */
function checkCounted(path: ManifestPath, merged: MachineDocument, addProblem: AddProblem): void {
  const { count, vmid, cloudInit, network } = merged
  const check = (key: ManifestPath, what: string, counted: Counted<string | number> | undefined) => {
    const message =
      counted === undefined ? undefined : countMessage(counted, count, { key: [...path, ...key].join('.'), what })
    if (message !== undefined) addProblem([...path, ...key], message)
  }
  check(['vmid'], 'id', vmid)
  checkRow(path, merged, addProblem)
  for (const [index, card] of [network ?? []].flat().entries())
    check(Array.isArray(network) ? ['network', index, 'mac'] : ['network', 'mac'], 'MAC address', card.mac)
  if (cloudInit === undefined) return
  for (const [index, address] of addressDocuments(cloudInit).entries())
    for (const key of ['ip', 'ip6'] as const)
      if (address[key] !== 'dhcp' && address[key] !== 'auto')
        check(
          cloudInit.addresses ? ['cloudInit', 'addresses', index, key] : ['cloudInit', key],
          'address',
          address[key],
        )
}

/** Normalizes an IP address, without its prefix, or a MAC. */
function plainValue(value: string | number): string | number {
  if (typeof value === 'number') return value
  const [ip = ''] = value.split('/')
  return ipaddr.isValid(ip) ? ipaddr.parse(ip).toString() : value.toUpperCase()
}

/** Checks that names, ids and MAC addresses that are counted up stay valid. */
function checkRow(
  path: ManifestPath,
  { count: written, vmid, network }: MachineDocument,
  addProblem: AddProblem,
): void {
  const add = (key: ManifestPath, last: string, why: string) =>
    addProblem([...path, ...key], `\`${[...path, ...key].join('.')}\` counts up to ${last}, ${why}.`)
  const count = written ?? 1
  const lastName = `${String(path.at(-1))}-${count}`
  if (written !== undefined && !dnsName.safeParse(lastName).success)
    add(['count'], lastName, 'which is too long for a name: at most 63 characters between two dots')
  if (vmid !== undefined && isFrom(vmid) && vmid.from + count - 1 > LARGEST_VMID)
    add(['vmid'], String(vmid.from + count - 1), `which is more than ${LARGEST_VMID}`)
  for (const [index, { mac }] of [network ?? []].flat().entries()) {
    if (mac === undefined || !isFrom(mac)) continue
    const [key, last] = [
      Array.isArray(network) ? ['network', index, 'mac'] : ['network', 'mac'],
      macAfter(mac.from, count - 1),
    ]
    if (last.slice(0, 8) !== mac.from.toUpperCase().slice(0, 8))
      add(key, last, `which begins with another vendor's digits`)
  }
}

function countMessage(
  counted: Counted<string | number>,
  count: number | undefined,
  { key, what }: { readonly key: string; readonly what: string },
): string | undefined {
  const machines = count ?? 1
  if (Array.isArray(counted)) {
    const values = counted as readonly (string | number)[]
    const { length } = values
    const plain = values.map(plainValue)
    const repeated = values.find((_, index) => plain.indexOf(plain[index] ?? '') !== index)
    if (repeated !== undefined) return `\`${key}\` lists ${repeated} twice.`
    if (length === machines) return undefined
    return `\`${key}\` lists ${length === 1 ? `one ${what}` : `${length} values`}, but there ${machines === 1 ? 'is one machine' : `are ${machines} machines`} (\`count\`).`
  }
  if (machines === 1 || isFrom(counted)) return undefined
  const shown = typeof counted === 'number' ? String(counted) : JSON.stringify(counted)
  return `\`${key}\` would give the same ${what} to ${machines} machines: use { from: ${shown} } to count up, or list ${machines} values.`
}

function checkAddresses(path: ManifestPath, { cloudInit }: MachineDocument, addProblem: AddProblem): void {
  if (cloudInit?.addresses === undefined || (!cloudInit.ip && !cloudInit.ip6)) return
  addProblem(
    [...path, 'cloudInit'],
    `\`${path.join('.')}.cloudInit\` has both \`addresses\` and \`ip\` or \`ip6\`: remove one of them.`,
  )
}

const ADDRESS_KEYS = [
  ['ip', 'gateway'],
  ['ip6', 'gateway6'],
] as const

/**
 * Reports addresses that no machine can have: the network's own, broadcast, the gateway's, or one outside the prefix.
 */
function checkFixedAddresses(
  path: ManifestPath,
  { cloudInit, count = 1 }: MachineDocument,
  addProblem: AddProblem,
): void {
  if (cloudInit === undefined) return
  for (const [index, address] of addressDocuments(cloudInit).entries())
    for (const [key, gatewayKey] of ADDRESS_KEYS) {
      const place = [...path, 'cloudInit', ...(cloudInit.addresses ? ['addresses', index] : []), key]
      const problem = fixedProblem(address[key], address[gatewayKey], count)
      if (problem !== undefined) addProblem(place, `\`${place.join('.')}\` ${problem}`)
    }
}

function fixedProblem(
  counted: Counted<string> | undefined,
  gateway: string | undefined,
  count: number,
): string | undefined {
  if (counted === undefined || counted === 'dhcp' || counted === 'auto') return undefined
  // Only the ends of a sequence can leave the prefix, but any address in it can be the gateway.
  const addresses = Array.isArray(counted) ? (counted as string[]) : rowOf(counted as string | { from: string }, count)
  for (const address of addresses) {
    const problem = addressProblem(address, gateway)
    if (problem !== undefined) return problem
  }
  const [first = '', last = first] = [addresses[0], addresses.at(-1)]
  if (Array.isArray(counted) || sameNetwork(first, last)) return undefined
  return `counts up to ${last}, which is outside ${networkOf(first)}.`
}

function rowOf(counted: string | { readonly from: string }, count: number): readonly string[] {
  const first = typeof counted === 'string' ? counted : counted.from
  return Array.from({ length: typeof counted === 'string' ? 1 : count }, (_, steps) => addressAfter(first, steps))
}

/** Kinds of addresses (ipaddr.js `range`) that a network card cannot have. */
const NOBODYS: Readonly<Record<string, string>> = {
  unspecified: 'which is the unspecified address',
  broadcast: 'which is the broadcast address',
  multicast: 'which is a multicast address',
  loopback: 'which is a loopback address',
  ipv4Mapped: 'which is a mapped IPv4 address: write it under `ip`',
}

/** Returns why a network card cannot have an address, or undefined if it can. */
export function nobodysAddress(address: string): string | undefined {
  return NOBODYS[ipaddr.parse(address).range()]
}

function addressProblem(address: string, gateway: string | undefined): string | undefined {
  const [ip, bits] = ipaddr.parseCIDR(address)
  const plain = ip.toString()
  const kind = nobodysAddress(plain)
  if (kind !== undefined) return `is ${address}, ${kind}.`
  if (bits === 0) return `is ${address}: the prefix 0 covers every address.`
  if (gateway !== undefined && ipaddr.parse(gateway).toString() === plain)
    return `gives the machine ${plain}, which is the address of its gateway.`
  if (!ipaddr.IPv4.isIPv4(plain) || bits > 30) return undefined
  if (ipaddr.IPv4.networkAddressFromCIDR(address).toString() === plain)
    return `is ${address}, which is the network address.`
  return ipaddr.IPv4.broadcastAddressFromCIDR(address).toString() === plain
    ? `is ${address}, which is the broadcast address of its network.`
    : undefined
}

function sameNetwork(first: string, last: string): boolean {
  const [network, bits] = ipaddr.parseCIDR(first)
  return ipaddr.parseCIDR(last)[0].match(network, bits)
}

function networkOf(address: string): string {
  const [ip, bits] = ipaddr.parseCIDR(address)
  const kind = ip.kind() === 'ipv4' ? ipaddr.IPv4 : ipaddr.IPv6
  return `${kind.networkAddressFromCIDR(address).toString()}/${bits}`
}

/** Reports options that the bus or card does not support, and more devices than Proxmox allows. */
function checkHardware(
  path: ManifestPath,
  { disks = [], devices = [], network, machine }: MachineDocument,
  addProblem: AddProblem,
): void {
  const add = (key: ManifestPath, message: string) =>
    addProblem([...path, ...key], `\`${[...path, ...key].join('.')}\` ${message}`)
  for (const [index, { bus, ssd, ioThread }] of disks.entries()) {
    if (bus === 'virtio' && ssd !== undefined) add(['disks', index, 'ssd'], 'is not available for a disk on virtio.')
    if (bus === 'sata' && ioThread !== undefined)
      add(['disks', index, 'ioThread'], 'is not available for a disk on sata.')
  }
  for (const [bus, most] of Object.entries(MOST_DISKS)) {
    const at = disks.flatMap(({ bus: own = 'scsi' }, index) => (own === bus ? [index] : []))[most]
    if (at !== undefined) add(['disks', at], `is one too many: ${bus} supports ${most} more disks.`)
  }
  for (const [kind, most] of Object.entries(MOST_DEVICES)) {
    const at = devices.flatMap((device, index) => (kind in device ? [index] : []))[most]
    if (at !== undefined) add(['devices', at], `is one too many: Proxmox supports ${most} of \`${kind}\`.`)
  }
  for (const [index, device] of devices.entries())
    if ('pci' in device && device.pcie === true && machine !== undefined && !machine.includes('q35'))
      add(['devices', index, 'pcie'], 'needs `machine: q35`.')
  const shared = devices.map((device) => ('virtiofs' in device ? device.virtiofs : undefined))
  for (const [index, name] of shared.entries())
    if (name !== undefined && shared.indexOf(name) < index)
      add(['devices', index, 'virtiofs'], `is ${name} again: a directory can be shared with a guest only once.`)
  for (const [index, { model, mtu, queues, trunks = [] }] of [network ?? []].flat().entries()) {
    const at = Array.isArray(network) ? ['network', index] : ['network']
    if (mtu !== undefined && model !== 'virtio') add([...at, 'mtu'], 'can be set for the model virtio only.')
    if (queues !== undefined && model !== 'virtio') add([...at, 'queues'], 'can be set for the model virtio only.')
    const backwards = trunks.findIndex((range) => typeof range === 'string' && isBackwards(range))
    if (backwards >= 0) add([...at, 'trunks', backwards], 'must be in ascending order, up to 4094.')
  }
}

/** Checks for keys that would have no effect or that contradict other keys. */
function checkIdle(
  path: ManifestPath,
  { secureBoot, bios, serial, vga, start, wait, agent, renamedFrom }: MachineDocument,
  addProblem: AddProblem,
): void {
  const add = (key: ManifestPath, message: string) =>
    addProblem([...path, ...key], `\`${[...path, ...key].join('.')}\` ${message}`)
  if (secureBoot === true && bios !== 'ovmf') add(['secureBoot'], 'has no effect without `bios: ovmf`.')
  if (renamedFrom === path.at(-1)) add(['renamedFrom'], 'is its current name: remove it.')
  const display = typeof vga === 'string' ? vga : vga?.type
  if (display === 'serial0' && serial === false) add(['vga'], 'is the serial console, but `serial: false` removes it.')
  const memory = typeof vga === 'object' && vga.memory !== undefined ? sizeInBytes(vga.memory) / 1024 ** 2 : undefined
  if (memory !== undefined && (memory < 4 || memory > 512)) add(['vga', 'memory'], 'must be from 4 MiB to 512 MiB.')
  const isForAgent = wait === 'agent' || (typeof wait === 'object' && !('port' in wait))
  if (isForAgent && agent === false) add(['wait'], 'waits for the guest agent, but `agent: false` turns it off.')
  // Otherwise a run would succeed without the answer that it requires.
  if (typeof wait === 'object' && wait.required === true && start !== true)
    add(['wait', 'required'], 'has no effect without `start: true`.')
}

/** In addition to the boot disk, and to the CD drive that uses the last SATA port. */
const MOST_DISKS = { scsi: 30, virtio: 16, sata: 5 }
const MOST_DEVICES = { pci: 16, usb: 14, virtiofs: 10 }

function isBackwards(range: string): boolean {
  const [from = 0, to = 0] = range.split('-').map(Number)
  return from < 1 || from > to || to > 4094
}

const LEAST_MEMORY_MIB = 16

/** Proxmox refuses less (qemu-server `Memory.pm`). */
function checkMemory(path: ManifestPath, { memory }: MachineDocument, addProblem: AddProblem): void {
  if (memory === undefined || sizeInBytes(memory) >= LEAST_MEMORY_MIB * 1024 ** 2) return
  addProblem(
    [...path, 'memory'],
    `\`${path.join('.')}.memory\` is ${memory}, but Proxmox requires at least ${LEAST_MEMORY_MIB} MiB.`,
  )
}

/** Proxmox refuses this. If only one of the two is stated, the plan compares it with the current value. */
function checkBalloon(path: ManifestPath, { memory, balloon }: MachineDocument, addProblem: AddProblem): void {
  if (memory === undefined || typeof balloon !== 'string' || sizeInBytes(balloon) <= sizeInBytes(memory)) return
  addProblem(
    [...path, 'balloon'],
    `\`${path.join('.')}.balloon\` is ${balloon}, which is more than its memory of ${memory}.`,
  )
}
