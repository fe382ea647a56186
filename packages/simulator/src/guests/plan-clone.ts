// Plans a clone: its configuration and drives, and everything that blocks it.
import { randomUUID } from 'node:crypto'
import { type Call, requireQuorum } from '../api/call.ts'
import { badParameters, failure } from '../errors.ts'
import { driveKeysAsText, isCdrom, isCloudInit, normalizeNetwork, parseDrive } from '../state/drives.ts'
import type { Machine } from '../state/machines.ts'
import { newVmConfig, textOf, type VmConfig, type VmSection } from '../state/vm-config.ts'
import { hiddenFormat } from '../storage/images.ts'
import { storageRules } from '../storage/storage-config.ts'
import { resolveVolume } from '../storage/volume.ts'
import type { ClonedDrive } from './drives/clone-drives.ts'
import { requireStorage } from './drives/drives.ts'
import { checkBridge } from './options/option-privileges.ts'
import { checkUnlocked, isTemplate } from './power.ts'

export interface ClonePlan {
  readonly source: Machine
  /** The snapshot to clone, instead of the current state. */
  readonly snapshot?: string | undefined
  readonly vmid: number
  readonly config: VmConfig
  readonly drives: readonly ClonedDrive[]
}

/** Makes all of Proxmox's checks before a clone, in its order. */
export function loadAndCheck(call: Call): ClonePlan {
  const newid = call.integer('newid')
  const source = requireSource(call, call.integer('vmid'))
  checkTarget(call)
  requireQuorum(call)
  checkUnlocked(source)
  const snapshot = call.optional('snapname')
  const section = snapshot === undefined ? source.config : source.config.snapshots.get(snapshot)
  if (section === undefined) throw failure(`snapshot '${snapshot}' does not exist`)
  const full = call.flag('full', !isTemplate(source))
  checkFullOnly(call, full)
  const drives = driveKeysAsText.flatMap((key) =>
    planDrive(call, { section, key, full, isRunning: snapshot === undefined && source.power !== undefined }),
  )
  for (const [key, value] of section.values) if (/^net\d+$/.test(key)) checkBridge(call, String(value))
  checkShared(call, drives)
  if (call.world.machines.find(newid) !== undefined) {
    throw failure(`unable to create VM ${newid}: config file already exists`)
  }
  for (const drive of drives) checkFeature(drive, snapshot)
  return { source, snapshot, vmid: newid, config: copiedConfig(call, source, section), drives }
}

function requireSource(call: Call, vmid: number): Machine {
  const source = call.world.machines.find(vmid)
  if (source === undefined || source.node !== call.node) {
    throw failure(`unable to find configuration file for VM ${vmid} on node '${call.node}'`)
  }
  return source
}

function checkTarget(call: Call): void {
  const target = call.optional('target')
  const wanted = call.optional('storage')
  if (target !== undefined && !call.world.nodes.has(target)) throw failure(`no such cluster node '${target}'`)
  if (wanted === undefined) return
  const storage = requireStorage(call, wanted)
  if (!storage.content.has('images')) throw badParameters({ storage: `storage '${wanted}' does not support vm images` })
  if (target !== undefined && target !== call.node && !storage.shared) {
    throw failure(`can't clone to non-shared storage '${wanted}'`)
  }
}

function checkFullOnly(call: Call, full: boolean): void {
  for (const parameter of ['storage', 'format']) {
    if (!full && call.optional(parameter) !== undefined) {
      throw failure(`parameter '${parameter}' not allowed for linked clones`)
    }
  }
}

function checkShared(call: Call, drives: readonly ClonedDrive[]): void {
  const target = call.optional('target')
  if (target === undefined || target === call.node) return
  if (!drives.every(({ volume }) => volume.storage.shared)) {
    throw failure(`can't clone VM to node '${target}' (VM uses local storage)`)
  }
}

function planDrive(
  call: Call,
  { section, key, full, isRunning }: { section: VmSection; key: string; full: boolean; isRunning: boolean },
): readonly ClonedDrive[] {
  const text = textOf(section, key)
  if (text === undefined) return []
  if (key === 'tpmstate0' && full && isRunning) throw failure('cannot clone TPM state while VM is running')
  const drive = parseDrive(text)
  if (!drive.file.includes(':') || (isCdrom(drive) && !isCloudInit(drive))) return []
  const volume = resolveVolume(call.world.storage.storages, drive.file, { root: call.world.root, node: call.node })
  const linked = !full && !isCloudInit(drive) && key !== 'tpmstate0'
  const wanted = call.optional('storage')
  const storage = linked || wanted === undefined ? volume.storage : requireStorage(call, wanted)
  call.needs(`/storage/${storage.id}`, 'Datastore.AllocateSpace')
  const format = call.optional('format')
  return [{ key, drive, volume, linked, storage, ...(format !== undefined && { format }) }]
}

function checkFeature({ key, volume, linked }: ClonedDrive, snapshot: string | undefined): void {
  const { isBase, storage, volid } = volume
  const rules = storageRules[storage.type]
  const isLinkable = snapshot === undefined ? isBase && rules.linkedClone : rules.linksSnapshots
  if (linked ? isLinkable : snapshot === undefined || hiddenFormat(volume) === 'qcow2') return
  const what = snapshot === undefined ? `'${volid}'` : `a snapshot of '${volid}'`
  throw failure(`${linked ? 'Linked' : 'Full'} clone feature is not supported for ${what} (${key})`)
}

/** Pending changes of the source are pending in the clone too. */
function copiedConfig(call: Call, source: Machine, section: VmSection): VmConfig {
  const config = newVmConfig()
  if (section === source.config) {
    for (const [key, value] of source.config.pending) config.pending.set(key, value)
    for (const [key, force] of source.config.pendingDelete) config.pendingDelete.set(key, force)
  }
  for (const [key, value] of section.values) {
    if (/^(?:template|lock|unused\d+|parent|snaptime|vmstate)$/.test(key)) continue
    config.values.set(key, /^net\d+$/.test(key) ? withNewMac(String(value), call.world.datacenter.macPrefix) : value)
  }
  const smbios = (textOf(config, 'smbios1') ?? '').split(',').filter((part) => part !== '' && !part.startsWith('uuid='))
  config.values.set('smbios1', [...smbios, `uuid=${randomUUID()}`].sort().join(','))
  if (config.values.has('vmgenid')) config.values.set('vmgenid', randomUUID())
  config.values.set('name', call.optional('name') ?? `Copy-of-VM-${textOf(section, 'name') ?? source.vmid}`)
  const description = call.optional('description') || section.description
  if (description !== undefined) config.description = description.replace(/\s+$/, '')
  return config
}

function withNewMac(text: string, macPrefix: string): string {
  return normalizeNetwork(text.replace(/^([^=,]+)=[0-9A-Fa-f:]{17}/, '$1'), macPrefix)
}
