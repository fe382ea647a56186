// Checks privileges that depend on the machine's current options. It runs under the configuration lock, in the task if
// there is one.
import type { Call } from '../../api/call.ts'
import { failure } from '../../errors.ts'
import { isDriveKey, isUnusedKey, parseDrive } from '../../state/drives.ts'
import type { Machine } from '../../state/machines.ts'
import type { VmConfig } from '../../state/vm-config.ts'
import { drivePrivileges } from '../drives/drive-checks.ts'
import { checkBridge, checkDevice, needOnGuest } from '../options/option-privileges.ts'
import { checkTags } from '../options/tags.ts'

function textIn({ values, pending }: VmConfig, key: string): string | undefined {
  const value = values.get(key) ?? pending.get(key)
  return value === undefined ? undefined : String(value)
}

/** Throws if an option may not be removed. */
export function checkRemoval(call: Call, machine: Machine, key: string): void {
  const { vmid, config } = machine
  const value = textIn(config, key)
  if (value === undefined) return
  if (isUnusedKey(key)) {
    checkProtection(machine, `can't remove unused disk '${parseDrive(value).file}'`)
    needOnGuest(call, machine, 'VM.Config.Disk')
  } else if (key === 'vmstate') checkProtection(machine, `can't remove vmstate '${value}'`)
  else if (isDriveKey(key)) {
    checkProtection(machine, `can't remove drive '${key}'`)
    needOnGuest(call, machine, ...drivePrivileges(value))
  } else if (/^net\d+$/.test(key)) checkBridge(call, value)
  else checkDevice(call, { vmid, key, value, verb: key.startsWith('serial') ? 'delete' : 'set' })
}

function checkProtection({ config }: Machine, what: string): void {
  if (config.values.get('protection') === 1) throw failure(`${what} - protection mode enabled`)
}

/** Throws if an option may not be replaced or added. */
export function checkSetting(call: Call, machine: Machine, { key, value }: { key: string; value: string }): void {
  const { vmid, config } = machine
  const current = config.values.get(key)
  const before = current === undefined ? undefined : String(current)
  if (key === 'tags') checkTags(call, { vmid, before, after: value })
  for (const one of before === undefined ? [value] : [before, value]) {
    if (isDriveKey(key)) needOnGuest(call, machine, ...drivePrivileges(one))
    else if (/^net\d+$/.test(key)) checkBridge(call, one)
    else checkDevice(call, { vmid, key, value: one, verb: key.startsWith('serial') ? 'modify' : 'set' })
  }
  if (key === 'tpmstate0' && before !== undefined) checkTpmVersion(before, value)
}

function checkTpmVersion(before: string, after: string): void {
  const [is, wanted] = [parseDrive(before), parseDrive(after)]
  const version = (drive: typeof is): string => drive.options.get('version') ?? 'v1.2'
  if (is.file === wanted.file && version(is) !== version(wanted)) {
    throw failure('cannot change TPM state version after creation')
  }
}
