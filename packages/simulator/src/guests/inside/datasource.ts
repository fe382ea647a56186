// Finds the documents of cloud-init: on Proxmox's own drive, or on a CD with the label `cidata` or `config-2`.

import { existsSync } from 'node:fs'
import { parse } from 'yaml'
import type { Datasource } from '../../state/boot.ts'
import { driveKeys, isCdrom, isCloudInit, parseDrive } from '../../state/drives.ts'
import type { Machine } from '../../state/machines.ts'
import { textOf } from '../../state/vm-config.ts'
import { type IsoContent, readIso } from '../../storage/iso9660.ts'
import { resolveVolume } from '../../storage/volume.ts'
import type { World } from '../../world.ts'
import { asFields, type Fields, plain } from './plain.ts'

/** A CD wins, because it was attached on purpose. */
export function findDatasource(world: World, machine: Machine): Datasource | undefined {
  return compactDisc(world, machine) ?? proxmoxDrive(machine)
}

function proxmoxDrive({ power }: Machine): Datasource | undefined {
  const documents = power?.cloudInit
  if (documents === undefined) return undefined
  const { format, user, vendor, network, meta } = documents
  if (format === 'nocloud') return { ...noCloud({ user, vendor, meta, network }), isInterfaces: false }
  if (format === 'opennebula') return undefined
  return { ...configDrive({ user, vendor, meta, network }), isInterfaces: true }
}

interface Documents {
  readonly user: string
  readonly vendor: string
  readonly meta: string
  readonly network: string | undefined
}

function noCloud({ user, vendor, meta, network }: Documents): Omit<Datasource, 'isInterfaces'> {
  const facts = fieldsOf(meta)
  return {
    name: 'DataSourceNoCloud [seed=/dev/sr0]',
    instanceId: plain(facts['instance-id'], 'iid-datasource-nocloud'),
    ...(facts['local-hostname'] !== undefined && { hostName: plain(facts['local-hostname']) }),
    user,
    vendor,
    network,
  }
}

function configDrive({ user, vendor, meta, network }: Documents): Omit<Datasource, 'isInterfaces'> {
  const facts = fieldsOf(meta)
  return {
    name: 'DataSourceConfigDrive [net,ver=2][source=/dev/sr0]',
    instanceId: plain(facts.uuid, 'iid-dsconfigdrive'),
    ...(facts.hostname !== undefined && { hostName: plain(facts.hostname) }),
    user,
    vendor,
    network,
  }
}

function fieldsOf(text: string): Fields {
  try {
    return asFields(parse(text, { version: '1.1' }))
  } catch {
    return {}
  }
}

function compactDisc(world: World, { config, node }: Machine): Datasource | undefined {
  for (const key of driveKeys) {
    const drive = parseDrive(textOf(config, key) ?? 'none')
    if (!isCdrom(drive) || isCloudInit(drive) || !drive.file.includes(':')) continue
    const { realPath } = resolveVolume(world.storage.storages, drive.file, { root: world.root, node })
    const source = existsSync(realPath) ? discOf(readIso(realPath)) : undefined
    if (source !== undefined) return source
  }
  return undefined
}

function discOf(iso: IsoContent | undefined): Datasource | undefined {
  const text = (name: string): string | undefined => iso?.files.get(name)?.toString('utf8')
  if (/^cidata$/i.test(iso?.label ?? '')) {
    const meta = text('meta-data')
    // Without either of these files, NoCloud does not accept the disc.
    if (meta === undefined && text('user-data') === undefined) return undefined
    const documents = { user: text('user-data') ?? '', vendor: text('vendor-data') ?? '', meta: meta ?? '' }
    return { ...noCloud({ ...documents, network: text('network-config') }), isInterfaces: false }
  }
  const meta = text('openstack/latest/meta_data.json')
  if (!/^config-2$/i.test(iso?.label ?? '') || meta === undefined) return undefined
  const documents = {
    user: text('openstack/latest/user_data') ?? '',
    vendor: text('openstack/latest/vendor_data.json') ?? '',
  }
  return { ...configDrive({ ...documents, meta, network: text('openstack/content/0000') }), isInterfaces: true }
}
