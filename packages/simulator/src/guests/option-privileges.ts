// Which privilege each option of a machine asks for, as Proxmox divides them.
import type { Call } from '../api/call.ts'
import { failure } from '../errors.ts'
import { isDriveKey, isUnusedKey, parseDrive } from '../state/drives.ts'

const words = (text: string): readonly string[] => text.split(' ')

const privilegeOf = new Map<string, string>([
  ...words('memory balloon shares').map((key) => [key, 'VM.Config.Memory'] as const),
  ...words('cores cpu cpulimit cpuunits numa smp sockets vcpus').map((key) => [key, 'VM.Config.CPU'] as const),
  ...words('acpi hotplug kvm machine scsihw smbios1 tablet vga watchdog audio0 rng0 vmgenid arch').map(
    (key) => [key, 'VM.Config.HWType'] as const,
  ),
  ...words(
    'agent autostart bios description keyboard localtime migrate_downtime migrate_speed name onboot ostype protection ' +
      'reboot startdate startup tdf template tags spice_enhancements',
  ).map((key) => [key, 'VM.Config.Options'] as const),
  ...words('boot bootdisk vmstatestorage').map((key) => [key, 'VM.Config.Disk'] as const),
  ['freeze', 'VM.PowerMgmt'],
])

const cloudInit = new Set(words('cicustom cipassword citype ciuser ciupgrade nameserver searchdomain sshkeys'))

/** Throws the 403, or the 500 of what only root may set. Drives of a machine that is being made are checked elsewhere. */
export function checkOption(
  call: Call,
  option: { vmid: number; pool?: string; key: string; value?: string; before?: string; creating: boolean },
): void {
  if (call.isRoot) return
  const { key, value, before, creating } = option
  const need = (...privileges: readonly string[]): void => needOnGuest(call, option, privileges)
  if (isUnusedKey(key) || key === 'digest') return
  if (isDriveKey(key)) {
    // What is replaced or removed counts like what comes.
    if (!creating) need(...[before, value].flatMap(drivePrivileges))
  } else if (/^net\d+$/.test(key)) need('VM.Config.Network')
  else if (/^numa\d+$/.test(key)) need('VM.Config.CPU')
  else if (cloudInit.has(key) || /^ipconfig\d+$/.test(key)) needCloudInit(call, option)
  else if (/^serial\d+$/.test(key) && (value === undefined || value === 'socket')) need('VM.Config.HWType')
  else if (/^usb\d+$/.test(key) && (value === undefined || value.includes('spice'))) need('VM.Config.HWType')
  else {
    const privilege = privilegeOf.get(key)
    if (privilege === undefined) throw failure(`only root can set '${key}' config`)
    need(privilege)
    if (key === 'startup') call.needs('/', 'Sys.Modify')
  }
}

function drivePrivileges(value: string | undefined): readonly string[] {
  if (value === undefined) return []
  const drive = parseDrive(value)
  if (/cloudinit/.test(drive.file)) return ['VM.Config.Cloudinit', 'VM.Config.CDROM']
  return drive.options.get('media') === 'cdrom' ? ['VM.Config.CDROM'] : ['VM.Config.Disk']
}

function needOnGuest(call: Call, { vmid, pool }: { vmid: number; pool?: string }, privileges: readonly string[]): void {
  if (pool !== undefined && call.may(`/pool/${pool}`, ...privileges)) return
  call.needs(`/vms/${vmid}`, ...privileges)
}

function needCloudInit(call: Call, { vmid, pool }: { vmid: number; pool?: string }): void {
  const privileges = ['VM.Config.Cloudinit', 'VM.Config.Network']
  if (pool !== undefined && call.mayAny(`/pool/${pool}`, ...privileges)) return
  call.needsAny(`/vms/${vmid}`, ...privileges)
}

/** The right to plug a machine into a bridge; with a VLAN tag, into that one. */
export function checkBridge(call: Call, network: string): void {
  if (call.isRoot) return
  const bridge = /(?:^|,)bridge=([^,]+)/.exec(network)?.[1]
  const tag = /(?:^|,)tag=(\d+)/.exec(network)?.[1]
  if (bridge === undefined) return
  call.needsAny(`/sdn/zones/localnetwork/${bridge}${tag === undefined ? '' : `/${tag}`}`, 'SDN.Use')
}
