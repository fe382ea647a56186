// The second half of an update of a running machine: applies what QEMU and the guest support now (qemu-server
// `QemuServer.pm:vmconfig_hotplug_pending`). The rest stays pending.
import { sentenceOf } from '../../errors.ts'
import { isCloudInit, isDriveKey, parseDrive } from '../../state/drives.ts'
import type { Machine } from '../../state/machines.ts'
import { type ConfigValue, textOf } from '../../state/vm-config.ts'
import { generateDrive, renewDrive } from '../cloud-init/generate.ts'
import { recordChange } from '../cloud-init/record-change.ts'
import { deleteOrDetach } from './detach.ts'
import { hotplugDisk } from './hotplug-disk.ts'
import { hotplugFeatures, isUsbHotPluggable } from './hotplug-features.ts'
import { hotplugNetwork } from './hotplug-network.ts'
import { agentTakesOver, balloonTakesOver, hotplugMemory, hotplugProcessors } from './hotplug-options.ts'
import type { Hotplug, Outcome } from './hotplug-work.ts'
import { unplug } from './unplug.ts'

/** Returns errors by key. Failed changes stay pending. */
export async function hotplugPending(
  work: Hotplug,
  modified: ReadonlySet<string>,
): Promise<Readonly<Record<string, string>>> {
  const errors: Record<string, string> = {}
  const attempt = async (key: string, step: () => Promise<Outcome> | Outcome): Promise<boolean> => {
    try {
      return (await step()) === 'applied'
    } catch (error) {
      errors[key] = `hotplug problem - ${sentenceOf(error)}\n`
      return false
    }
  }
  const { config } = work.machine
  commitHarmless(work.machine)
  for (const key of [...config.pendingDelete.keys()].sort()) {
    if (modified.has(key) && (await attempt(key, () => takeAway(work, key)))) settleDeletion(work.machine, key)
  }
  for (const [key, value] of config.pending) {
    if (!modified.has(key) || isNewCloudInit(key, value)) continue
    if (await attempt(key, () => putIn(work, key, String(value)))) settle(work.machine, key, config.pending.get(key))
  }
  // Write the drive after everything that it contains has been applied.
  for (const [key, value] of config.pending) {
    if (!modified.has(key) || !isNewCloudInit(key, value)) continue
    if (await attempt(key, () => putInCloudInit(work, key, String(value)))) settle(work.machine, key, value)
  }
  if (hotplugFeatures(config).has('cloudinit') && config.cloudInit.size > 0) await renewDriveOf(work)
  return errors
}

const isNewCloudInit = (key: string, value: ConfigValue): boolean =>
  isDriveKey(key) && isCloudInit(parseDrive(String(value)))

/**
 * Options without an effect on a running machine. They are applied even if an earlier call set them
 * (`$fast_plug_option`).
 */
const harmless =
  /^(?:description|hookscript|lock|migrate_downtime|migrate_speed|name|onboot|protection|shares|startup|tags|vmstatestorage|ci(?:custom|password|type|upgrade|user)|nameserver|searchdomain|sshkeys|ipconfig\d+)$/

function commitHarmless(machine: Machine): void {
  for (const [key, value] of machine.config.pending) if (harmless.test(key)) settle(machine, key, value)
}

function settle({ config }: Machine, key: string, value: ConfigValue | undefined): void {
  if (value === undefined) return
  recordChange(config, key, { before: config.values.get(key), after: value })
  config.values.set(key, value)
  config.pending.delete(key)
}

function settleDeletion({ config }: Machine, key: string): void {
  recordChange(config, key, { before: config.values.get(key), after: undefined })
  config.values.delete(key)
  config.pendingDelete.delete(key)
}

async function takeAway(work: Hotplug, key: string): Promise<Outcome> {
  const { machine } = work
  const { config } = machine
  const features = hotplugFeatures(config)
  const when = (isNow: boolean): Outcome => (isNow ? 'applied' : 'pending')
  if (harmless.test(key) || key === 'cpuunits' || key === 'cpulimit') return 'applied'
  if (key === 'hotplug') return when(!/cpu|memory/.test(textOf(config, 'hotplug') ?? ''))
  if (key === 'tablet') return when(features.has('usb'))
  if (/^usb\d+$/.test(key)) return when(isUsbHotPluggable(config))
  if (key === 'vcpus') return hotplugProcessors(machine, undefined)
  if (key === 'balloon') return when(config.values.get('balloon') !== 0)
  if (key === 'memory') return when(features.has('memory'))
  if (/^net\d+$/.test(key)) return features.has('network') ? takeAwayDevice(work, key) : 'pending'
  if (!isDriveKey(key) || !features.has('disk') || /^(?:efidisk|ide|sata|tpmstate)/.test(key)) return 'pending'
  await takeAwayDevice(work, key)
  await deleteOrDetach(work.call, work.task, { machine, key, force: config.pendingDelete.get(key) === true })
  return 'applied'
}

async function takeAwayDevice({ call, task, machine }: Hotplug, key: string): Promise<Outcome> {
  await unplug({ world: call.world, task, machine }, key)
  return 'applied'
}

function putIn(work: Hotplug, key: string, value: string): Promise<Outcome> | Outcome {
  const { machine } = work
  const { config } = machine
  const when = (isNow: boolean): Outcome => (isNow ? 'applied' : 'pending')
  if (key === 'hotplug') return when(![value, textOf(config, 'hotplug') ?? ''].some((text) => /memory|cpu/.test(text)))
  if (key === 'tablet') return when(hotplugFeatures(config).has('usb'))
  if (/^usb\d+$/.test(key)) return when(isUsbHotPluggable(config))
  if (key === 'cpuunits' || key === 'cpulimit') return 'applied'
  if (key === 'vcpus') return hotplugProcessors(machine, Number(value))
  if (key === 'balloon') return when(balloonTakesOver(config, value))
  if (key === 'memory') return hotplugMemory(work, value)
  if (key === 'agent') return when(agentTakesOver(config, value))
  if (/^net\d+$/.test(key)) return hotplugNetwork(work, key, value)
  if (!isDriveKey(key) || key === 'efidisk0' || key === 'tpmstate0') return 'pending'
  return hotplugDisk(work, key, value)
}

/** The drive's volume is written even if the device itself must wait for the next start. */
async function putInCloudInit(work: Hotplug, key: string, value: string): Promise<Outcome> {
  const { call, task, machine } = work
  const { config } = machine
  const temporary = { ...config, values: new Map(config.values).set(key, value) }
  const documents = await generateDrive(call.world, { node: call.node, machine, task }, temporary)
  const outcome = await hotplugDisk(work, key, value)
  if (outcome === 'applied' && machine.power !== undefined) {
    machine.power.cloudInit = documents
    call.world.machines.savePower(machine)
  }
  return outcome
}

function renewDriveOf({ call, task, machine }: Hotplug): Promise<void> {
  return renewDrive(call.world, { node: call.node, machine, task })
}
