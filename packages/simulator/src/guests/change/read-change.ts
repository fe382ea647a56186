// Reads a change of a machine from a call, and refuses an invalid one before anything is locked (qemu-server
// `$update_vm_api`).
import { existsSync, statSync } from 'node:fs'
import { type Call, listOf } from '../../api/call.ts'
import { badParameters, failure } from '../../errors.ts'
import { findRoute, type ProxmoxVersion } from '../../schema/index.ts'
import { resolveVolume } from '../../storage/volume.ts'
import { checkStorageAccess, readDrives, resolveCdromAlias } from '../drives/drive-checks.ts'
import { checkBridge, checkOption } from '../options/option-privileges.ts'
import { guestOptions } from '../options/options.ts'
import { checkKeys } from '../options/ssh-keys.ts'

export interface Change {
  readonly set: ReadonlyMap<string, string>
  readonly remove: readonly string[]
  readonly revert: readonly string[]
  readonly force: boolean
}

/** Reads the call. Throws what is wrong with it before anything is locked. */
export function readChange(call: Call, vmid: number): Change {
  const set = guestOptions(call.parameters)
  const [remove, revert] = [call.optional('delete'), call.optional('revert')]
  const keys = set.get('sshkeys')
  if (keys !== undefined) checkKeys(keys)
  // An empty `sshkeys` counts as an option, although it changes nothing.
  if (!isTrue(remove) && !isTrue(revert) && set.size === 0) throw failure('no options specified')
  if (keys === '') set.delete('sshkeys')
  resolveCdromAlias(set)
  const change = { set, ...checkedKeys(call, { set, remove, revert }), force: call.flag('force') }
  readDrives(call, set)
  checkHookScript(call, set.get('hookscript'))
  for (const key of [...change.remove, ...[...set.keys()].sort()]) checkOption(call, { vmid, key })
  checkStorageAccess(call, { vmid, options: set })
  for (const [key, value] of set) if (/^net\d+$/.test(key)) checkBridge(call, value)
  return change
}

function checkHookScript({ world, node }: Call, volid: string | undefined): void {
  if (volid === undefined) return
  const { kind, realPath } = resolveVolume(world.storage.storages, volid, { root: world.root, node })
  const refuse = (text: string): Error => badParameters({ hookscript: `${text}\n` })
  if (kind !== 'snippets') throw refuse(`'${volid}' is not in the snippets directory`)
  if (!existsSync(realPath)) throw refuse(`script '${volid}' does not exist`)
  if ((statSync(realPath).mode & 0o111) === 0) throw refuse(`script '${volid}' is not executable`)
}

const isTrue = (text: string | undefined): boolean => text !== undefined && text !== '' && text !== '0'

interface Lists {
  readonly set: ReadonlyMap<string, string>
  readonly remove: string | undefined
  readonly revert: string | undefined
}

function checkedKeys(call: Call, lists: Lists): { remove: readonly string[]; revert: readonly string[] } {
  const { set } = lists
  const revert = listOf(lists.revert)
  for (const key of revert) {
    if (!isOption(key, call.world.version)) throw badParameters({ revert: `unknown option '${key}'` })
    if (set.has(key)) {
      throw badParameters({ delete: `you can't use '-${key}' and -revert ${key}' at the same time` })
    }
  }
  const remove = listOf(lists.remove).map((key) => (key === 'cdrom' ? 'ide2' : key))
  for (const key of remove) {
    if (set.has(key)) throw badParameters({ delete: `you can't use '-${key}' and -delete ${key}' at the same time` })
    if (revert.includes(key)) {
      throw badParameters({ revert: `you can't use '-delete ${key}' and -revert ${key}' at the same time` })
    }
    if (!isOption(key, call.world.version)) throw badParameters({ delete: `unknown option '${key}'` })
  }
  return { remove, revert }
}

/** Parameters of the call that are not stored in a configuration, and options that only Proxmox itself writes. */
const callOptions = new Set(
  'node vmid skiplock delete revert force digest background_delay import-working-storage cdrom'.split(' '),
)
const writtenOptions = new Set(
  'meta parent snaptime vmstate runningmachine runningcpu running-nets-host-mtu'.split(' '),
)

/** Returns true if a configuration can contain it (`option_exists`). */
function isOption(key: string, version: ProxmoxVersion): boolean {
  const parameters = findRoute('POST', '/nodes/any/qemu/100/config', version)?.rule.parameters ?? {}
  return writtenOptions.has(key) || (Object.hasOwn(parameters, key) && !callOptions.has(key))
}

const unlogged = new Set('node vmid digest background_delay import-working-storage'.split(' '))

/** Formats the call for the task log: `update VM 100: -cores 2 -delete net1`, sorted as text. */
export function updateLine(call: Call, vmid: number): string {
  const shown = Object.keys(call.parameters)
    .filter((key) => !unlogged.has(key))
    .sort()
    .map((key) => `-${key} ${key === 'cipassword' ? '<hidden>' : call.parameters[key]}`)
  return `update VM ${vmid}: ${shown.join(' ')}`
}
