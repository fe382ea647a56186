// Which privilege each config key needs (qemu-server `check_vm_modify_config_perm`).
import type { Machine } from '../manifest/manifest.ts'
import { parseProperties, storageOfVolume } from './property-string.ts'

export interface ConfigPrivilege {
  /** Where; absent: on the machine itself. */
  readonly path?: string
  /** Any one suffices. */
  readonly privileges: readonly [string, ...string[]]
}

const BY_KEY: readonly (readonly [RegExp, readonly [string, ...string[]]])[] = [
  [/^(cores|sockets|cpu|numa)$/, ['VM.Config.CPU']],
  [/^(memory|balloon)$/, ['VM.Config.Memory']],
  [/^net\d+$/, ['VM.Config.Network']],
  [/^(scsihw|machine|vga|serial\d+)$/, ['VM.Config.HWType']],
  [/^(boot|scsi\d+|efidisk0|tpmstate0)$/, ['VM.Config.Disk']],
  [/^ide2$/, ['VM.Config.CDROM']],
  [
    /^(ciuser|cipassword|sshkeys|ipconfig\d+|nameserver|searchdomain|ciupgrade)$/,
    ['VM.Config.Cloudinit', 'VM.Config.Network'],
  ],
]

/** The privileges for setting or removing these keys. */
export function configPrivileges(
  changes: Readonly<Record<string, unknown>>,
  machine: Machine,
): readonly ConfigPrivilege[] {
  return Object.entries(changes).flatMap(([key, value]) => [
    { privileges: BY_KEY.find(([pattern]) => pattern.test(key))?.[1] ?? ['VM.Config.Options'] },
    ...extraPrivileges(key, value, machine),
  ])
}

function extraPrivileges(key: string, value: unknown, { networks }: Machine): readonly ConfigPrivilege[] {
  if (key === 'startup') return [{ path: '/', privileges: ['Sys.Modify'] }]
  if (/^net\d+$/.test(key)) {
    const network = networks[Number(key.slice(3))]
    return network === undefined ? [] : [{ path: bridgePath(network), privileges: ['SDN.Use'] }]
  }
  const file = parseProperties(value, 'file').get('file')
  const storage = storageOfVolume(file)
  if (storage === undefined || file === undefined) return []
  if (/:\d+(\.\d+)?$/.test(file)) return [{ path: `/storage/${storage}`, privileges: ['Datastore.AllocateSpace'] }]
  if (file.endsWith(':cloudinit'))
    return [
      { path: `/storage/${storage}`, privileges: ['Datastore.AllocateSpace'] },
      { privileges: ['VM.Config.Cloudinit'] },
    ]
  return file.includes(':iso/')
    ? [{ path: `/storage/${storage}`, privileges: ['Datastore.Audit', 'Datastore.AllocateSpace'] }]
    : []
}

/** Plain bridges are in the zone `localnetwork`; a VLAN is a path below its bridge. */
export function bridgePath({ bridge, vlan }: { readonly bridge: string; readonly vlan?: number }): string {
  return `/sdn/zones/localnetwork/${bridge}${vlan === undefined ? '' : `/${vlan}`}`
}
