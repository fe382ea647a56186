// Which privilege each config key requires (qemu-server `check_vm_modify_config_perm`).
import type { Machine } from '../../manifest/manifest.ts'
import { isCd, mappingOf } from '../config/device-config.ts'
import { imageOfDrive } from '../config/image-drives.ts'
import { parseNetworkCard, parseProperties, storageOfVolume, textOf } from '../config/property-string.ts'
import type { Config } from '../config/wanted-config.ts'

export interface ConfigPrivilege {
  /** Path of the privilege. Default: the VM itself. */
  readonly path?: string
  /** Any one of these is enough. */
  readonly privileges: readonly [string, ...string[]]
}

const BY_KEY: readonly (readonly [RegExp, readonly [string, ...string[]]])[] = [
  [/^(cores|sockets|cpu|cpulimit|cpuunits|numa)$/, ['VM.Config.CPU']],
  [/^(memory|balloon)$/, ['VM.Config.Memory']],
  [/^net\d+$/, ['VM.Config.Network']],
  [/^(scsihw|machine|vga|serial\d+|rng0|watchdog|smbios1|hostpci\d+|usb\d+)$/, ['VM.Config.HWType']],
  [/^(boot|(scsi|virtio|sata)\d+|efidisk0|tpmstate0|virtiofs\d+)$/, ['VM.Config.Disk']],
  [/^ide\d+$/, ['VM.Config.CDROM']],
  [
    /^(ciuser|cipassword|sshkeys|ipconfig\d+|nameserver|searchdomain|ciupgrade)$/,
    ['VM.Config.Cloudinit', 'VM.Config.Network'],
  ],
]

export interface Changed {
  readonly machine: Machine
  /** The config before the change. Values that are replaced are checked as well. */
  readonly current: Config
}

/** Returns the privileges for setting or removing these keys. */
export function configPrivileges(
  changes: Readonly<Record<string, unknown>>,
  changed: Changed,
): readonly ConfigPrivilege[] {
  return Object.entries(changes).flatMap(([key, value]) => [
    { privileges: ownPrivileges(key, [value, changed.current[key]]) },
    ...extraPrivileges(key, value, changed),
  ])
}

function ownPrivileges(key: string, values: readonly unknown[]): readonly [string, ...string[]] {
  if (values.some(isCd)) return ['VM.Config.CDROM']
  return BY_KEY.find(([pattern]) => pattern.test(key))?.[1] ?? ['VM.Config.Options']
}

function extraPrivileges(key: string, value: unknown, { machine, current }: Changed): readonly ConfigPrivilege[] {
  if (key === 'startup') return [{ path: '/', privileges: ['Sys.Modify'] }]
  if (/^net\d+$/.test(key)) return bridgePrivileges([machine.networks[Number(key.slice(3))], cardOf(current[key])])
  const mappings = [value, current[key]].flatMap((device) => mappingPath(key, device) ?? [])
  if (mappings.length > 0) return mappings.map((path) => ({ path, privileges: ['Mapping.Use'] }))
  return [
    ...(key === 'ide2' ? cloudInitDrivePrivileges(value, current[key]) : []),
    ...storagePrivileges(value, machine),
  ]
}

const MAPPINGS = [
  [/^hostpci\d+$/, 'pci', 'pci'],
  [/^usb\d+$/, 'usb', 'usb'],
  [/^virtiofs\d+$/, 'virtiofs', 'dir'],
] as const

/** `/mapping/pci/gpu`: the path that allows a mapped device (qemu-server `check_mapping_access`). */
function mappingPath(key: string, value: unknown): string | undefined {
  if (key === 'rng0') return textOf(value).includes('/dev/hwrng') ? '/mapping/hwrng' : undefined
  const [, kind, folder] = MAPPINGS.find(([pattern]) => pattern.test(key)) ?? []
  const mapping = kind && mappingOf(kind, value)
  return mapping === undefined ? undefined : `/mapping/${folder}/${mapping}`
}

/** Both the old and the new bridge of a card are checked. */
function bridgePrivileges(cards: readonly (Card | undefined)[]): readonly ConfigPrivilege[] {
  return cards.flatMap((card) => (card === undefined ? [] : [{ path: bridgePath(card), privileges: ['SDN.Use'] }]))
}

function cardOf(value: unknown): Card | undefined {
  const { bridge, tag } = Object.fromEntries(parseNetworkCard(value))
  return bridge === undefined ? undefined : { bridge, ...(tag !== undefined && { vlan: Number(tag) }) }
}

function cloudInitDrivePrivileges(...drives: readonly unknown[]): readonly ConfigPrivilege[] {
  const isOne = (drive: unknown) => parseProperties(drive, 'file').get('file')?.includes('cloudinit') === true
  return drives.some(isOne) ? [{ privileges: ['VM.Config.Cloudinit'] }] : []
}

function storagePrivileges(value: unknown, machine: Machine): readonly ConfigPrivilege[] {
  const file = parseProperties(value, 'file').get('file')
  const storage = storageOfVolume(file)
  const isNew = file !== undefined && (/:\d+(\.\d+)?$/.test(file) || file.endsWith(':cloudinit'))
  const source =
    imageOfDrive(value) !== undefined ? machine.storage.images : file?.includes(':iso/') ? storage : undefined
  return [
    ...(isNew ? [{ path: `/storage/${storage}`, privileges: ['Datastore.AllocateSpace'] } as const] : []),
    ...(source === undefined
      ? []
      : [{ path: `/storage/${source}`, privileges: ['Datastore.Audit', 'Datastore.AllocateSpace'] } as const]),
  ]
}

interface Card {
  readonly bridge: string
  readonly vlan?: number
}

/** Plain bridges are in the zone `localnetwork`. A VLAN is a path below its bridge. */
export function bridgePath({ bridge, vlan }: Card): string {
  return `/sdn/zones/localnetwork/${bridge}${vlan === undefined ? '' : `/${vlan}`}`
}
