// Machine types: the newest versions, and when Proxmox stores a version (qemu-server `QemuServer/Machine.pm`).
import { failure } from '../../errors.ts'
import type { PveVersion } from '../../state/privileges.ts'
import { textOf, type VmConfig } from '../../state/vm-config.ts'
import { installedQemu } from '../qemu-version.ts'
import { windowsVersion } from './os-type.ts'

/** Proxmox's own revisions of QEMU's machine versions, and their changes. */
const revisionChanges: Readonly<Record<string, readonly string[]>> = {
  '4.1': ['Introduction of pveX versioning, no changes.', 'Increases the number of SCSI drives supported.'],
  '9.2': ['Disables S3/S4 power states by default.'],
  '10.0': ['Set host_mtu vNIC option even with default value for migration compat.'],
  '11.0': [
    'Use host_tunnel=off by default for VirtIO NICs.',
    'Enable hv_emcs for Windows 11/2022/2025 to mitigate issues with VBS.',
  ],
}

/** QEMU's machine versions, newest first. The QEMU of 8.4 supports older ones. */
const since5 = '9.2 9.1 9.0 8.2 8.1 8.0 7.2 7.1 7.0 6.2 6.1 6.0 5.2 5.1'.split(' ')
const before5 = '5.0 4.2 4.1 4.0.1 4.0 3.1 3.0 2.12 2.11 2.10 2.9 2.8 2.7 2.6 2.5 2.4'.split(' ')

export interface MachineType {
  readonly id: string
  readonly type: string
  readonly version: string
  /** Since 9, for Proxmox's own revisions. */
  readonly changes?: string
}

/** The list of `/capabilities/qemu/machines`: newest first; in 8.4 sorted by name as text. */
export function machineTypes(version: PveVersion): readonly MachineType[] {
  const versions = version === '8.4' ? [...since5, ...before5] : ['11.0', '10.2', '10.1', '10.0', ...since5]
  const all = versions.flatMap((qemu) => {
    const types = qemu === '4.0.1' ? ['q35'] : ['i440fx', 'q35']
    return revisionsOf(qemu).flatMap(({ suffix, changes }) =>
      types.map((type) => ({
        id: `pc-${type}-${qemu}${suffix}`,
        type,
        version: `${qemu}${suffix}`,
        ...(changes !== undefined && version !== '8.4' && { changes }),
      })),
    )
  })
  return version === '8.4' ? all.sort((one, other) => (one.id < other.id ? 1 : -1)) : all
}

function revisionsOf(qemu: string): readonly { readonly suffix: string; readonly changes?: string }[] {
  const own = (revisionChanges[qemu] ?? []).map((changes, index) => ({ suffix: `+pve${index + 1}`, changes }))
  return [...own.reverse(), { suffix: '' }]
}

/** `11.0+pve2`: the newest machine version of this Proxmox VE. */
function newestMachineVersion(version: PveVersion): string {
  const qemu = installedQemu(version).split('.').slice(0, 2).join('.')
  const revision = revisionChanges[qemu]?.length ?? 0
  return revision > 0 ? `${qemu}+pve${revision}` : qemu
}

/** The machine type that QEMU runs: the stored one, or the newest of its kind. */
export function runningMachine(config: VmConfig, version: PveVersion): string {
  const type = (textOf(config, 'machine') ?? 'pc').replace(/^type=/, '').split(',')[0] ?? 'pc'
  if (type.startsWith('pc-')) return type
  return `pc-${type === 'q35' ? 'q35' : 'i440fx'}-${newestMachineVersion(version)}`
}

interface MachineWish {
  readonly machine?: string | undefined
  readonly ostype?: string | undefined
}

/**
 * Returns the machine type to store, with a version for Windows guests. Undefined if none is given and none is needed.
 * Throws for an invalid type.
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

/** Returns the machine type after the guest OS type changes, unless the same change sets it. */
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

/** Throws for settings that cannot be combined (`assert_valid_machine_property`). */
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
