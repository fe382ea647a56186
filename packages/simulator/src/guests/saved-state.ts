// The memory and devices of a machine in a volume, from which it is resumed (qemu-server `__snapshot_save_vmstate`).
import type { Call } from '../api/call.ts'
import { failure } from '../errors.ts'
import type { Machine } from '../state/machines.ts'
import { textOf } from '../state/vm-config.ts'
import { allocateImage } from '../storage/images.ts'
import { requireVolumeGroupRoom } from '../storage/space.ts'
import { storageRules } from '../storage/storage-config.ts'
import { resolveVolume } from '../storage/volume.ts'
import type { TaskContext } from '../tasks/tasks.ts'
import { guestDisks } from './drives/disks.ts'
import { requireStorage } from './drives/drives.ts'
import { freeVolume } from './drives/free-volume.ts'
import { withStorageLock } from './guest-locks.ts'
import { runningMachine } from './options/machine-type.ts'
import { memoryBytes } from './status.ts'

/** The options that describe a state. They are removed with it. */
export const stateOptions = ['runningmachine', 'runningcpu', 'running-nets-host-mtu']

/** The storage for states: the configured one, else one of the machine's disks, preferably shared and with files. */
export function stateStorage(call: Call, { config }: Machine): string {
  const configured = textOf(config, 'vmstatestorage')
  if (configured !== undefined) return configured
  const used = guestDisks(call, config).map(({ volume }) => volume.storage)
  const prefer = (isShared: boolean) => {
    const these = used.filter(({ shared }) => shared === isShared)
    return these.findLast(({ type }) => storageRules[type].files) ?? these[0]
  }
  return (prefer(true) ?? prefer(false))?.id ?? 'local'
}

/** Throws if a machine has devices whose state cannot be saved. */
export function checkSavable({ config }: Machine): void {
  const isBlocker = (key: string) => ['amd-sev', 'intel-tdx'].includes(key) || /^virtiofs\d+$/.test(key)
  const blockers = [...config.values.keys()].filter(isBlocker).map((key) => key.replace(/\d+$/, ''))
  if (blockers.length === 0) return
  const text = [...new Set(blockers)].sort().join(', ')
  throw failure(`Cannot live-migrate, snapshot (with RAM), or hibernate a VM with: ${text}`)
}

/** Creates the volume: twice the memory, and 500 MiB for devices. Returns the options that describe the state. */
export async function saveState(
  call: Call,
  task: TaskContext,
  { machine, storage: id, name }: { machine: Machine; storage: string; name: string },
): Promise<ReadonlyMap<string, string>> {
  const { world, node } = call
  const { vmid } = machine
  const storage = requireStorage(call, id)
  const bytes = memoryBytes(machine) * 2 + 500 * 1024 ** 2
  const fileName = `vm-${vmid}-state-${name}${storageRules[storage.type].files ? '.raw' : ''}`
  const image = { vmid, format: 'raw', name: fileName, bytes, log: task.log }
  const volume = await withStorageLock(world, { node, storage, task }, () => {
    requireVolumeGroupRoom(world, { storage, node }, bytes)
    return allocateImage(world.storage.storages, storage, { image, place: { root: world.root, node } })
  })
  return new Map([
    ['vmstate', volume.volid],
    ['runningmachine', runningMachine(machine.config, world.version)],
    ['runningcpu', runningCpu(machine)],
    ...(world.version === '8.4' ? [] : [['running-nets-host-mtu', cardSizes(machine)] as const]),
  ])
}

/** QEMU's name of the running CPU. */
function runningCpu({ config }: Machine): string {
  const model = (textOf(config, 'cpu') ?? 'kvm64').replace(/^cputype=/, '').split(',')[0] ?? 'kvm64'
  const flags = ['enforce', '+kvm_pv_eoi', '+kvm_pv_unhalt']
  return [model, ...flags, ...(model === 'kvm64' ? ['+lahf_lm', '+sep'] : [])].join(',')
}

/** The MTU of each VirtIO card: `net0=1500,net1=1500`. */
function cardSizes({ config }: Machine): string {
  const cards = [...config.values.keys()].filter((key) => /^net\d+$/.test(key)).sort()
  return cards
    .filter((key) => textOf(config, key)?.startsWith('virtio='))
    .map((key) => `${key}=1500`)
    .join(',')
}

/** Removes the state that a machine was resumed from. */
export async function removeState(call: Call, task: TaskContext, { config }: Machine): Promise<void> {
  const { world, node } = call
  task.log('Resumed VM, removing state')
  const volid = textOf(config, 'vmstate')
  if (volid !== undefined) {
    await freeVolume(world, { node, task }, resolveVolume(world.storage.storages, volid, { root: world.root, node }))
  }
  for (const key of ['lock', 'vmstate', ...stateOptions]) config.values.delete(key)
}
