// Applies all pending changes to a stopped machine (qemu-server `QemuServer.pm:vmconfig_apply_pending`).
import type { Call } from '../../api/call.ts'
import { sentenceOf } from '../../errors.ts'
import { isCloudInit, isDriveKey, parseDrive } from '../../state/drives.ts'
import type { Machine } from '../../state/machines.ts'
import { type ConfigValue, textOf } from '../../state/vm-config.ts'
import type { TaskContext } from '../../tasks/tasks.ts'
import { generateDrive } from '../cloud-init/generate.ts'
import { registerUnused } from '../drives/free-volume.ts'
import { cleanUpPending } from './clean-up-pending.ts'
import { deleteOrDetach } from './detach.ts'

/** Returns errors by key. Failed changes stay pending. */
export async function applyPending(
  call: Call,
  task: TaskContext,
  machine: Machine,
): Promise<Readonly<Record<string, string>>> {
  const errors: Record<string, string> = {}
  const attempt = async (key: string, step: () => Promise<void>): Promise<void> => {
    await step().catch((error: unknown) => {
      errors[key] = `unable to apply pending change ${key} : ${sentenceOf(error)}\n`
      task.log(`unable to apply pending change ${key} : ${sentenceOf(error)}`)
    })
  }
  const { config } = machine
  if (config.pending.size + config.pendingDelete.size === 0) return errors
  for (const key of [...config.pendingDelete.keys()].sort())
    await attempt(key, () => applyDeletion(call, task, { machine, key }))
  cleanUpPending(config)
  let isNewDrive = false
  for (const [key, value] of config.pending) {
    await attempt(key, () => applyValue(call, task, { machine, key, value }))
    if (isDriveKey(key) && isCloudInit(parseDrive(String(value)))) isNewDrive = true
  }
  if (isNewDrive) await generateDrive(call.world, { node: call.node, machine, task })
  call.world.machines.save(machine)
  return errors
}

async function applyDeletion(
  call: Call,
  task: TaskContext,
  { machine, key }: { machine: Machine; key: string },
): Promise<void> {
  const { config } = machine
  if (isDriveKey(key) && config.values.has(key)) {
    await deleteOrDetach(call, task, { machine, key, force: config.pendingDelete.get(key) === true })
  }
  config.pendingDelete.delete(key)
  config.values.delete(key)
}

async function applyValue(
  call: Call,
  task: TaskContext,
  { machine, key, value }: { machine: Machine; key: string; value: ConfigValue },
): Promise<void> {
  const { config } = machine
  const before = textOf(config, key)
  if (before !== undefined && isDriveKey(key)) await registerUnused(call, task, { machine, drive: parseDrive(before) })
  config.values.set(key, value)
  config.pending.delete(key)
}
