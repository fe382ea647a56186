// Copies a disk image to a new volume, with the progress lines of a Proxmox task.
import { stat } from 'node:fs/promises'
import { allocateImage, freeImage, hiddenFormat, volumeSize } from '../../storage/images.ts'
import { convertInto, QemuImgError } from '../../storage/qemu-img.ts'
import { hasRoom, requireVolumeGroupRoom } from '../../storage/space.ts'
import type { StorageConfig } from '../../storage/storage-config.ts'
import type { Volume } from '../../storage/volume.ts'
import type { TaskContext } from '../../tasks/tasks.ts'
import type { World } from '../../world.ts'
import { withStorageLock } from '../guest-locks.ts'
import { copyGuestDisk } from '../inside/guest-disk.ts'
import { readableBytes } from '../readable-bytes.ts'
import { mirrorLines } from './mirror.ts'

export interface CopyRequest {
  readonly node: string
  readonly task: TaskContext
  readonly source: Volume
  /** The snapshot of the source whose content is copied. */
  readonly snapshot?: string | undefined
  readonly target: {
    readonly storage: StorageConfig
    readonly format: string
    readonly vmid: number
    readonly name?: string
  }
  /** The operation whose bandwidth limit applies, and the call's own limit, in KiB/s. */
  /** The drive of a running machine that is being mirrored. */
  readonly mirrorOf?: string
  readonly limit?: { readonly operation: 'clone' | 'move' | 'default'; readonly override?: number }
}

/** Copies the source to a new volume. Removes it after a failure. */
export async function copyImage(world: World, request: CopyRequest): Promise<Volume> {
  const { node, task, source, snapshot, target, limit, mirrorOf } = request
  const bytes = await volumeSize(source)
  const place = { root: world.root, node }
  const image = { ...target, bytes, log: task.log }
  const volume = await withStorageLock(world, { node, storage: target.storage, task }, () => {
    requireVolumeGroupRoom(world, { storage: target.storage, node }, bytes)
    return allocateImage(world.storage.storages, target.storage, { image, place })
  })
  tellAllocated(world, task, { source, volume })
  try {
    const limitKiB = bandwidthLimit([source.storage, target.storage], limit)
    const filling = { node, source, snapshot, volume, bytes, ...(limitKiB > 0 && { limitKiB }) }
    if (mirrorOf === undefined) await fill(world, { ...filling, task })
    else await mirror(world, mirrorOf, { ...filling, task })
    copyGuestDisk(source, volume)
    return volume
  } catch (error) {
    await freeImage(volume)
    throw error
  }
}

/**
 * Since 9, logged for copied volumes. Other code allocates volumes for an import from a path, and does not log this.
 */
export function tellAllocated(
  { version }: World,
  task: TaskContext,
  { source, volume }: { source: Volume; volume: Volume },
): void {
  if (version !== '8.4' && !source.volid.startsWith('/')) task.log(`allocated target volume '${volume.volid}'`)
}

/** Returns the limit in KiB/s: the call's own, else the smallest limit of the storages. 0 means no limit. */
function bandwidthLimit(storages: readonly StorageConfig[], limit: CopyRequest['limit']): number {
  if (limit?.override !== undefined) return limit.override
  const limits = storages.flatMap((storage) => {
    const settings = new Map(
      (storage.other.get('bwlimit') ?? '').split(',').map((pair) => pair.split('=')) as [string, string][],
    )
    const own = settings.get(limit?.operation ?? 'clone') ?? settings.get('default')
    return own === undefined ? [] : [Number(own)]
  })
  return limits.length === 0 ? 0 : Math.min(...limits)
}

interface Filling {
  readonly node: string
  readonly task: TaskContext
  readonly source: Volume
  readonly snapshot?: string | undefined
  readonly volume: Volume
  readonly bytes: number
  readonly limitKiB?: number
}

async function mirror(world: World, key: string, filling: Filling): Promise<void> {
  const lines = mirrorLines(filling.task, key, filling.bytes)
  const startedAt = world.clock.now()
  lines.begin()
  await fill(world, { ...filling, task: { ...filling.task, log: () => undefined } })
  lines.end(Math.round((world.clock.now() - startedAt) / 1000))
}

async function fill(world: World, { node, task, source, snapshot, volume, bytes, limitKiB }: Filling): Promise<void> {
  const startedAt = world.clock.now()
  // The source may be deleted while it is read, which does not affect the copy.
  const storedBytes = (await stat(source.realPath)).blocks * 512
  let last = -1
  const onProgress = (percent: number): void => {
    if (percent === last) return
    last = percent
    task.log(
      `transferred ${readableBytes((bytes * percent) / 100)} of ${readableBytes(bytes)} (${percent.toFixed(2)}%)`,
    )
  }
  try {
    if (!hasRoom(world, { storage: volume.storage, node }, storedBytes)) {
      task.log('qemu-img: error while writing at byte 0: No space left on device')
      throw new QemuImgError('No space left on device', 1)
    }
    await world.clock.during(() =>
      convertInto(
        { file: volume.realPath, format: hiddenFormat(volume) },
        { file: source.realPath, format: hiddenFormat(source) },
        { signal: task.signal, onProgress, snapshot, ...(limitKiB !== undefined && { limitKiB }) },
      ),
    )
  } catch (error) {
    throw new Error(`copy failed: ${commandFailure(error, { source, volume, limitKiB })}`, { cause: error })
  }
  await atMostAsFast(world, { task, startedAt, bytes: storedBytes })
}

function commandFailure(
  error: unknown,
  { source, volume, limitKiB }: { source: Volume; volume: Volume; limitKiB: number | undefined },
): string {
  const code = error instanceof QemuImgError ? error.exitCode : undefined
  const rate = limitKiB === undefined ? '' : ` -r ${limitKiB}K`
  const formats = `-f ${source.format} -O ${volume.format}`
  const command = `/usr/bin/qemu-img convert -p -n${rate} ${formats} ${source.shownPath} zeroinit:${volume.shownPath}`
  return `command '${command}' failed: ${code === undefined ? 'received interrupt' : `exit code ${code}`}`
}

/** Slows a copy down to the speed of the simulated server. */
async function atMostAsFast(
  world: World,
  { task, startedAt, bytes }: { task: TaskContext; startedAt: number; bytes: number },
): Promise<void> {
  const rate = world.latency.copyBytesPerSecond
  if (rate === 0) return
  await world.clock.sleep(startedAt + (bytes / rate) * 1000 - world.clock.now(), task.signal)
  if (task.signal.aborted) throw new Error('copy failed: received interrupt')
}
