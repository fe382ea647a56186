// Machine types: which QEMU the newest one is of, and when Proxmox writes a version down (qemu-server `QemuServer/Machine.pm`).
import { failure } from '../../errors.ts'
import type { PveVersion } from '../../state/privileges.ts'
import type { VmConfig } from '../../state/vm-config.ts'
import { installedQemu } from '../qemu-version.ts'
import { windowsVersion } from './os-type.ts'

/** Proxmox's own revisions of a QEMU version's machine types. */
const revisions: Readonly<Record<string, number>> = { '4.1': 2, '9.2': 1, '10.0': 1, '11.0': 2 }

/** `11.0+pve2`: the newest machine version that this Proxmox VE has. */
export function newestMachineVersion(version: PveVersion): string {
  const qemu = installedQemu(version).split('.').slice(0, 2).join('.')
  const revision = revisions[qemu] ?? 0
  return revision > 0 ? `${qemu}+pve${revision}` : qemu
}

interface MachineWish {
  readonly machine?: string | undefined
  readonly ostype?: string | undefined
}

/**
 * The machine type to store, or undefined where nothing is said and nothing has to be; with a version for Windows guests.
 * Throws what is wrong with it.
 */
export function pinnedMachine({ machine, ostype }: MachineWish, version: PveVersion): string | undefined {
  const parts = (machine ?? '').split(',').filter((part) => part.trim() !== '')
  const isType = (part: string): boolean => !part.includes('=') || part.startsWith('type=')
  const type = parts.find(isType)?.replace(/^type=/, '')
  const rest = parts.filter((part) => !isType(part)).sort()
  const stored = windowsVersion(ostype) > 0 ? withVersion(type, version) : type
  checkMachine(stored, rest)
  const text = [...(stored === undefined ? [] : [stored]), ...rest].join(',')
  return text === '' ? undefined : text
}

interface MachineChange {
  readonly set: ReadonlyMap<string, string>
  readonly remove: readonly string[]
}

/** What a change of the guest system makes of the machine type, unless the same change speaks of that itself. */
export function machineAfter(
  { set, remove }: MachineChange,
  config: Pick<VmConfig, 'values' | 'pending'>,
  version: PveVersion,
): string | undefined {
  const named = set.get('machine')
  if (named !== undefined) {
    pinnedMachine({ machine: named }, version)
    return undefined
  }
  const ostype = set.get('ostype')
  if (ostype === undefined || remove.includes('machine') || config.pending.has('machine')) return undefined
  const machine = config.values.get('machine')
  return pinnedMachine({ ostype, ...(machine !== undefined && { machine: String(machine) }) }, version)
}

function withVersion(type: string | undefined, version: PveVersion): string | undefined {
  const newest = newestMachineVersion(version)
  if (type === undefined || type === 'pc') return `pc-i440fx-${newest}`
  if (type === 'q35') return `pc-q35-${newest}`
  return type === 'virt' ? `virt-${newest}` : type
}

/** Throws for settings that do not go together (`assert_valid_machine_property`). */
export function checkMachine(type: string | undefined, rest: readonly string[]): void {
  const setting = (name: string): string | undefined =>
    rest.find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1)
  const [viommu, bits] = [setting('viommu'), setting('aw-bits')]
  if (viommu === 'intel') {
    if (type?.includes('q35') !== true) throw failure('to use Intel vIOMMU please set the machine type to q35')
    if (bits !== undefined && bits !== '39' && bits !== '48') {
      throw failure('Intel vIOMMU supports only 39 or 48 bits as address width')
    }
  }
  if (bits !== undefined && viommu === undefined) throw failure('cannot set aw-bits if no vIOMMU is configured')
}
