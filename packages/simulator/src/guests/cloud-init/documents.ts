// The documents on a machine's cloud-init drive: generated from its configuration, or its own snippets (`cicustom`).
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { failure } from '../../errors.ts'
import type { CloudInitDocuments, DriveFormat } from '../../state/cloud-init-documents.ts'
import { fieldsOf } from '../../state/fields.ts'
import type { NodePlace } from '../../state/system-files.ts'
import { textOf, type VmSection } from '../../state/vm-config.ts'
import { resolveVolume } from '../../storage/volume.ts'
import type { World } from '../../world.ts'
import { windowsVersion } from '../options/os-type.ts'
import { networkInterfaces, networkVersion1 } from './network-data.ts'
import { dnsOf } from './resolver.ts'
import { keysOf, userDocument } from './user-data.ts'

/** The drive's format. Windows reads only ConfigDrive. */
export function driveFormat(config: VmSection): DriveFormat {
  const wanted = textOf(config, 'citype')
  if (wanted === 'nocloud' || wanted === 'configdrive2' || wanted === 'opennebula') return wanted
  return windowsVersion(textOf(config, 'ostype')) > 0 ? 'configdrive2' : 'nocloud'
}

/** Returns the document that `cloudinit/dump` shows. It is always generated, even with `cicustom`. */
export function networkDocument(config: VmSection, place: NodePlace): string {
  const dns = dnsOf(config, place)
  if (driveFormat(config) === 'nocloud') return networkVersion1(config, dns)
  return networkInterfaces(config, { isWindows: false, dns })
}

/** The instance id is a hash of both documents, so any change creates a new instance. */
export function metaDocument(config: VmSection, { user, network }: { user: string; network: string }): string {
  const id = createHash('sha1').update(user, 'utf8').update(network, 'utf8').digest('hex')
  if (driveFormat(config) === 'nocloud') return `instance-id: ${id}\n`
  return `{\n     "uuid": "${id}",\n     "network_config": { "content_path": "/content/0000" }\n}\n`
}

/**
 * The metadata for Cloudbase-Init on Windows contains password and keys
 * (`Cloudinit.pm:cloudbase_configdrive2_metadata`).
 */
function windowsMeta(config: VmSection, { user, network }: { user: string; network: string }): string {
  const password = textOf(config, 'cipassword')
  const keys = keysOf(textOf(config, 'sshkeys')).map((key, index): [string, string] => [`key-${index}`, key])
  return JSON.stringify({
    uuid: createHash('sha1').update(user, 'utf8').update(network, 'utf8').digest('hex'),
    network_config: { content_path: '/content/0000' },
    ...(password !== undefined && { admin_pass: password }),
    ...(keys.length > 0 && { public_keys: Object.fromEntries(keys) }),
  })
}

const largestSum = 3 * 1024 * 1024

/** Returns the documents. @throws if a document of the machine's own is missing, or if all together are too large */
export function driveDocuments(
  world: World,
  { node, vmid, config }: { node: string; vmid: number; config: VmSection },
): CloudInitDocuments {
  const format = driveFormat(config)
  const isWindows = format === 'configdrive2' && windowsVersion(textOf(config, 'ostype')) > 0
  // An OpenNebula drive has only generated settings.
  const own = fieldsOf(format === 'opennebula' ? '' : (textOf(config, 'cicustom') ?? ''))
  const custom = (kind: string): string | undefined => {
    const volid = own.get(kind)
    return volid === undefined ? undefined : readSnippet(world, node, volid)
  }
  const place = { root: world.root, node }
  const network =
    custom('network') ??
    (isWindows ? networkInterfaces(config, { isWindows, dns: dnsOf(config, place) }) : networkDocument(config, place))
  const user = custom('user') ?? userDocument(config, { vmid })
  const generated = isWindows ? windowsMeta : metaDocument
  const meta = custom('meta') ?? generated(config, { user, network })
  const vendor = custom('vendor') ?? ''
  const sum = [user, network, meta, vendor].reduce((total, text) => total + Buffer.byteLength(text), 0)
  if (sum > largestSum) throw failure('Cloud-Init sum of snippets too big (> 3 MiB)')
  return { format, user, network, meta, vendor }
}

function readSnippet(world: World, node: string, volid: string): string {
  const volume = resolveVolume(world.storage.storages, volid, { root: world.root, node })
  if (volume.kind !== 'snippets') throw failure(`${volid} is not in the snippets directory`)
  if (!existsSync(volume.realPath)) throw failure(`volume '${volid}' does not exist`)
  return readFileSync(volume.realPath, 'utf8')
}
