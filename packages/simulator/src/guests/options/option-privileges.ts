// Which privilege each option of a machine requires, as in Proxmox. Other options are reserved for root.
import type { Call } from '../../api/call.ts'
import { badParameters, failure } from '../../errors.ts'
import { type PropertyRules, type ProxmoxVersion, parsePropertyString } from '../../schema/index.ts'
import { isDriveKey } from '../../state/drives.ts'

const words = (text: string): readonly string[] => text.split(' ')

/** The lists of qemu-server `API2/Qemu.pm`, `$cpuoptions` and the following. */
const privilegeOf = new Map<string, string>([
  ...words('cores cpu runningcpu cpulimit cpuunits numa smp sockets vcpus').map(
    (key) => [key, 'VM.Config.CPU'] as const,
  ),
  ...words('memory balloon shares').map((key) => [key, 'VM.Config.Memory'] as const),
  ...words('acpi hotplug kvm machine runningmachine scsihw smbios1 tablet vga watchdog audio0 rng0').map(
    (key) => [key, 'VM.Config.HWType'] as const,
  ),
  ...words(
    'agent autostart bios description keyboard localtime migrate_downtime migrate_speed name onboot ostype protection ' +
      'reboot startdate startup tdf template',
  ).map((key) => [key, 'VM.Config.Options'] as const),
  ...words('boot bootdisk vmstatestorage').map((key) => [key, 'VM.Config.Disk'] as const),
  ['freeze', 'VM.PowerMgmt'],
])

const cloudInit = new Set(words('cicustom cipassword citype ciuser ciupgrade nameserver searchdomain sshkeys'))

/** Checked by value, when the machine is known: see `checkDevice`. */
const byValue = /^(?:unused|serial|usb|hostpci|virtiofs)\d+$/

interface OptionCheck {
  readonly vmid: number
  readonly pool?: string | undefined
  readonly key: string
}

/** Throws the 403, or the 500 for options reserved for root (`$check_vm_modify_config_perm`). */
export function checkOption(call: Call, option: OptionCheck): void {
  const { key } = option
  if (call.isRoot || isDriveKey(key) || key === 'cdrom' || key === 'tags' || byValue.test(key)) return
  const privilege = privilegeFor(key, call.world.version)
  if (privilege !== undefined) needOnGuest(call, option, privilege)
  else if (cloudInit.has(key) || /^ipconfig\d+$/.test(key)) needCloudInit(call, option)
  else if (key === 'vmstate') needOnGuest(call, option, 'VM.Config.Disk', 'VM.PowerMgmt')
  else throw failure(`only root can set '${key}' config`)
  if (key === 'startup') call.needs('/', 'Sys.Modify')
}

function privilegeFor(key: string, version: ProxmoxVersion): string | undefined {
  if (/^numa\d+$/.test(key)) return 'VM.Config.CPU'
  if (/^net\d+$/.test(key)) return 'VM.Config.Network'
  if (key === 'allow-ksm' && version !== '8.4') return 'VM.Config.Memory'
  return privilegeOf.get(key)
}

export function needOnGuest(
  call: Call,
  { vmid, pool }: { readonly vmid: number; readonly pool?: string | undefined },
  ...privileges: readonly string[]
): void {
  if (pool !== undefined && call.may(`/pool/${pool}`, ...privileges)) return
  call.needs(`/vms/${vmid}`, ...privileges)
}

function needCloudInit(call: Call, { vmid, pool }: OptionCheck): void {
  const privileges = ['VM.Config.Cloudinit', 'VM.Config.Network']
  if (pool !== undefined && call.mayAny(`/pool/${pool}`, ...privileges)) return
  call.needsAny(`/vms/${vmid}`, ...privileges)
}

interface DeviceCheck extends OptionCheck {
  readonly value: string
  readonly verb: 'set' | 'modify' | 'delete'
}

/**
 * Serial ports, USB, PCI, shared folders and random numbers: raw ones are for root, mapped ones for users of the
 * mapping.
 */
export function checkDevice(call: Call, device: DeviceCheck): void {
  if (call.isRoot) return
  const kind = /^(serial|usb|hostpci|rng|virtiofs)\d+$/.exec(device.key)?.[1]
  if (kind === 'serial') checkSerial(call, device)
  else if (kind === 'usb') checkUsb(call, device)
  else if (kind === 'hostpci') checkPci(call, device)
  else if (kind === 'rng') checkRandom(call, device)
  else if (kind === 'virtiofs') checkFolder(call, device)
}

function checkSerial(call: Call, device: DeviceCheck): void {
  if (device.value !== 'socket') throw failure(`only root can ${device.verb} '${device.key}' config for real devices`)
  needOnGuest(call, device, 'VM.Config.HWType')
}

function checkUsb(call: Call, device: DeviceCheck): void {
  needOnGuest(call, device, 'VM.Config.HWType')
  const { host, mapping } = fieldsOf('host', device.value)
  if (host !== undefined) {
    if (!/^spice$/i.test(host)) throw failure(`only root can set '${device.key}' config for real devices`)
  } else if (mapping !== undefined) call.needs(`/mapping/usb/${mapping}`, 'Mapping.Use')
  else throw failure("either 'host' or 'mapping' must be set.")
}

function checkPci(call: Call, device: DeviceCheck): void {
  const { host, mapping, romfile } = fieldsOf('host', device.value)
  if (host !== undefined) throw failure(`only root can set '${device.key}' config for non-mapped devices`)
  if (mapping === undefined) throw failure("either 'host' or 'mapping' must be set.")
  call.needs(`/mapping/pci/${mapping}`, 'Mapping.Use')
  needOnGuest(call, device, 'VM.Config.HWType')
  if (romfile !== undefined) throw badParameters({ [device.key]: "only root@pam can set 'romfile' option" })
}

function checkRandom(call: Call, device: DeviceCheck): void {
  needOnGuest(call, device, 'VM.Config.HWType')
  if (fieldsOf('source', device.value).source === '/dev/hwrng') call.needs('/mapping/hwrng', 'Mapping.Use')
}

function checkFolder(call: Call, device: DeviceCheck): void {
  needOnGuest(call, device, 'VM.Config.Disk')
  call.needs(`/mapping/dir/${fieldsOf('dirid', device.value).dirid}`, 'Mapping.Use')
}

/** The value was checked before. Only its keys are needed. */
function fieldsOf(defaultKey: string, value: string): Readonly<Record<string, string>> {
  const rules: PropertyRules = { [defaultKey]: { defaultKey: true } }
  const parsed = parsePropertyString(rules, value, '9.2')
  return 'fields' in parsed ? parsed.fields : {}
}

/** Checks the privilege to use a bridge, or the VLAN on it. */
export function checkBridge(call: Call, network: string): void {
  if (call.isRoot) return
  const bridge = /(?:^|,)bridge=([^,]+)/.exec(network)?.[1]
  const tag = /(?:^|,)tag=(\d+)/.exec(network)?.[1]
  if (bridge === undefined) {
    // 8.4 looks for the zone of a card without a bridge, too.
    if (call.world.version === '8.4') throw failure('no sdn vnet ID specified')
    return
  }
  call.needsAny(`/sdn/zones/localnetwork/${bridge}${tag === undefined ? '' : `/${tag}`}`, 'SDN.Use')
}
