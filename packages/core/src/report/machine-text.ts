// Describes a planned machine in one line.
import type { Disk, Machine } from '../manifest/manifest.ts'
import { sizeText } from '../plan/config/size-text.ts'

/**
 * Describes a machine without its name, address and node: `debian-13, 2 cores, 2 GiB memory, 20 GiB disk, vmbr0, dhcp,
 * starts`.
 * @param starts whether it is started, if that is not what the manifest says
 */
export function machineText(machine: Machine, starts: boolean = machine.start): string {
  const { image, cpu, memory, disk, disks, firmware, devices, pool, ha } = machine
  const cores = cpu.cores * cpu.sockets
  return [
    image,
    `${cores} core${cores === 1 ? '' : 's'}`,
    `${sizeText(memory.memoryMiB * MIB)} memory`,
    ...(disk.sizeBytes === undefined ? [] : [`${sizeText(disk.sizeBytes)} disk`]),
    ...(disks.length === 0 ? [] : [disksText(disks)]),
    networksText(machine),
    ...(firmware.bios === 'ovmf' ? [firmware.secureBoot ? 'UEFI with secure boot' : 'UEFI'] : []),
    ...(firmware.tpm ? ['TPM'] : []),
    ...(devices.length === 0 ? [] : [devices.map(({ kind, mapping }) => `${kind} ${mapping}`).join(', ')]),
    ...(pool === undefined ? [] : [`pool ${pool}`]),
    ...(ha === undefined ? [] : ['HA']),
    starts ? 'starts' : 'not started',
  ].join(', ')
}

/** Returns the addresses of a machine with their prefix, `dhcp`, or `IPv6 by auto`. Empty if the manifest sets none. */
export function addressTexts({ cloudInit }: Machine): readonly string[] {
  const all = (cloudInit?.addresses ?? []).flatMap(({ ip, ip6 }) => [ip, isWord(ip6) ? `IPv6 by ${ip6}` : ip6])
  return [...new Set(all.filter((address) => address !== undefined))]
}

/** Returns true for `auto` or `dhcp` in place of an address. */
function isWord(address: string | undefined): boolean {
  return address !== undefined && !address.includes(':')
}

const MIB = 1024 ** 2

function disksText(disks: readonly Disk[]): string {
  const sizes = disks.map(({ sizeBytes }) => (sizeBytes === undefined ? 'a disk' : sizeText(sizeBytes)))
  return `${disks.length} more disk${disks.length === 1 ? '' : 's'} (${sizes.join(', ')})`
}

function networksText({ networks, cloudInit }: Machine): string {
  if (networks.length === 0) return 'no network'
  const cards = networks.map(({ bridge, vlan }) => (vlan === undefined ? bridge : `${bridge} VLAN ${vlan}`))
  return `${cards.join(' and ')}${cloudInit === undefined ? ', no cloud-init' : ''}`
}
