// Adds machines from the start, with configuration, disks and power state, without a thousand API calls.
import { copyFileSync, existsSync, mkdirSync } from 'node:fs'
import { chmod } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { powerOn } from './guests/power.ts'
import { formatSize } from './state/drives.ts'
import { newVmConfig, typedValue, type VmConfig } from './state/vm-config.ts'
import { createImage } from './storage/qemu-img.ts'
import { storageRules } from './storage/storage-config.ts'
import { resolveVolume } from './storage/volume.ts'
import type { World } from './world.ts'

export interface MachineSeed {
  readonly vmid: number
  /** Default: the first node. */
  readonly node?: string
  readonly name?: string
  /** Options as in the configuration file, without drives. */
  readonly options?: Readonly<Record<string, string | number>>
  readonly description?: string
  /** Empty disks, `scsi0` first. Default: none. */
  readonly disks?: readonly { readonly storage: string; readonly bytes: number }[]
  readonly running?: boolean
  readonly template?: boolean
}

/** Adds machines to a cluster. Ids that exist already (in a reused data directory) are skipped. */
export async function seedMachines(world: World, seeds: readonly MachineSeed[]): Promise<void> {
  for (const seed of seeds) {
    if (world.machines.find(seed.vmid) === undefined) await seedMachine(world, seed)
  }
}

async function seedMachine(world: World, seed: MachineSeed): Promise<void> {
  const node = seed.node ?? world.home
  const config = newVmConfig()
  const options = { memory: '512', boot: ' ', ...seed.options, ...(seed.name !== undefined && { name: seed.name }) }
  for (const [key, value] of Object.entries(options)) config.values.set(key, typedValue(key, String(value)))
  if (seed.description !== undefined) config.description = seed.description
  if (seed.template === true) config.values.set('template', 1)
  await seedDisks(world, seed, { node, config })
  const machine = world.machines.create(node, seed.vmid, config)
  if (seed.running === true) powerOn(world, machine)
}

async function seedDisks(
  world: World,
  seed: MachineSeed,
  { node, config }: { node: string; config: VmConfig },
): Promise<void> {
  for (const [index, { storage: id, bytes }] of (seed.disks ?? []).entries()) {
    const storage = world.storage.storages.get(id)
    if (storage === undefined) throw new Error(`machine ${seed.vmid} wants a disk on '${id}', which is not a storage`)
    const { files } = storageRules[storage.type]
    const name = `${seed.template === true ? 'base' : 'vm'}-${seed.vmid}-disk-${index}`
    const volid = files ? `${id}:${seed.vmid}/${name}.qcow2` : `${id}:${name}`
    const volume = resolveVolume(world.storage.storages, volid, { root: world.root, node })
    mkdirSync(dirname(volume.realPath), { recursive: true })
    copyFileSync(await emptyImage(world, bytes), volume.realPath)
    if (seed.template === true) await chmod(volume.realPath, 0o444)
    config.values.set(`scsi${index}`, `${volid},size=${formatSize(bytes)}`)
    if (index === 0) config.values.set('boot', 'order=scsi0')
  }
}

/** Returns one empty image for each size. qemu-img creates it once, then it is copied. */
async function emptyImage(world: World, bytes: number): Promise<string> {
  const file = join(world.root, 'cache', `empty-${bytes}.qcow2`)
  if (existsSync(file)) return file
  mkdirSync(dirname(file), { recursive: true })
  await createImage(file, { format: 'qcow2', bytes, preallocate: false })
  return file
}
