// Turns a file path in a drive string into its volume (qemu-server `cleanup_drive_path`, pve-storage
// `path_to_volume_id`).
import { existsSync } from 'node:fs'
import type { Call } from '../../api/call.ts'
import { badParameters } from '../../errors.ts'
import type { Drive } from '../../state/drives.ts'
import { type StorageConfig, storageRules } from '../../storage/storage-config.ts'
import { contentFolder, resolveVolume, type Volume } from '../../storage/volume.ts'

/** Devices, volumes and the words `none` and `cdrom` are unchanged. A path outside all storages is refused. */
export function pathToVolume(call: Call, key: string, drive: Drive): Drive {
  const { file, options } = drive
  if (/^(?:cdrom|none)$/.test(file) || file.startsWith('/dev/') || /^[^:]+:.+$/.test(file) || /^\d+$/.test(file)) {
    return drive
  }
  const volume = findVolume(call, file)
  if (volume === undefined) throw badParameters({ [key]: `unable to associate path '${file}' to any storage` })
  const media = options.get('media') ?? (volume.kind === 'iso' ? 'cdrom' : undefined)
  if (media === undefined) return { file: volume.volid, options }
  const wanted = media === 'cdrom' ? 'iso' : 'images'
  if (volume.kind !== wanted) {
    throw badParameters({ [key]: `unexpected media type (${volume.kind} != ${wanted})` })
  }
  return { file: volume.volid, options: new Map([...options, ['media', media]]) }
}

function findVolume(call: Call, path: string): Volume | undefined {
  for (const storage of call.world.storage.storages.values()) {
    if (!storageRules[storage.type].files) continue
    const name = nameIn(storage, path)
    if (name === undefined) continue
    const volid = `${storage.id}:${name}`
    const volume = resolveVolume(call.world.storage.storages, volid, { root: call.world.root, node: call.node })
    if (volume.kind !== 'images' || existsSync(volume.realPath)) return volume
  }
  return undefined
}

const patterns: readonly (readonly [string, RegExp])[] = [
  ['images', /^\d+\/[^/\s]+$/],
  ['iso', /^[^/]+\.(?:iso|img)$/i],
  ['vztmpl', /^[^/]+\.tar\.(?:gz|xz|zst|bz2)$/],
  ['snippets', /^[^/]+$/],
  ['import', /^[^/]+\.(?:ova|qcow2|raw|vmdk)$/],
]

function nameIn(storage: StorageConfig, path: string): string | undefined {
  for (const [kind, pattern] of patterns) {
    const folder = `${contentFolder(storage, kind)}/`
    const rest = path.slice(folder.length)
    if (path.startsWith(folder) && pattern.test(rest)) return kind === 'images' ? rest : `${kind}/${rest}`
  }
  return undefined
}
