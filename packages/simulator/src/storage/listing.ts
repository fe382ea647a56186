// Lists the content of a storage for the API.
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { hiddenFormat, type StorageMap } from './images.ts'
import { readQcow2Header } from './qcow2-header.ts'
import { realPath, type StorageConfig, storageRules } from './storage-config.ts'
import { contentFolder, isDiskFile, parseVolumeName, resolveVolume, type Volume, type VolumePlace } from './volume.ts'

export interface ListedVolume {
  readonly volid: string
  readonly content: string
  readonly format: string
  readonly size: number
  readonly ctime: number
  readonly vmid?: number
  readonly parent?: string | null
  readonly used?: number
}

const templateFormats: Readonly<Record<string, string>> = { gz: 'tgz', xz: 'txz', zst: 'tzst', bz2: 'tbz2', tar: 'tar' }

/** A folder may be removed during the listing, together with another machine's last disk. */
async function namesIn(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  return names.filter((name) => !name.startsWith('.')).sort()
}

async function listFiles(storage: StorageConfig, kind: string, place: VolumePlace): Promise<ListedVolume[]> {
  const folder = realPath(place.root, storage, { node: place.node, shown: contentFolder(storage, kind) })
  const found: ListedVolume[] = []
  for (const name of await namesIn(folder)) {
    if (parseVolumeName(storage, `${kind}/${name}`) === undefined) continue
    const file = await stat(join(folder, name)).catch(() => undefined)
    if (file === undefined || !file.isFile()) continue
    const extension = name.slice(name.lastIndexOf('.') + 1)
    const format =
      kind === 'vztmpl'
        ? (templateFormats[extension] ?? extension)
        : kind === 'import'
          ? extension
          : kind === 'iso'
            ? 'iso'
            : 'snippet'
    found.push({
      volid: `${storage.id}:${kind}/${name}`,
      content: kind,
      format,
      size: file.size,
      ctime: Math.floor(file.ctimeMs / 1000),
    })
  }
  return found
}

/** Returns the disks of a storage as volumes, without opening them. */
export async function imageVolumes(
  storages: StorageMap,
  storage: StorageConfig,
  place: VolumePlace,
): Promise<Volume[]> {
  if (!storageRules[storage.type].files) {
    const folder = realPath(place.root, storage, { node: place.node, shown: storage.path })
    const names = await namesIn(folder)
    return names
      .filter((name) => parseVolumeName(storage, name) !== undefined)
      .map((name) => resolveVolume(storages, `${storage.id}:${name}`, place))
  }
  const folder = realPath(place.root, storage, { node: place.node, shown: `${storage.path}/images` })
  const volumes: Volume[] = []
  for (const vmid of await namesIn(folder)) {
    if (!/^\d+$/.test(vmid)) continue
    for (const name of await namesIn(join(folder, vmid))) {
      if (!isDiskFile(name)) continue
      volumes.push(resolveVolume(storages, `${storage.id}:${vmid}/${name}`, place))
    }
  }
  return volumes
}

async function describeImage(volume: Volume): Promise<ListedVolume | undefined> {
  const file = await stat(volume.realPath).catch(() => undefined)
  if (file === undefined) return undefined
  const info = hiddenFormat(volume) === 'qcow2' ? await readQcow2Header(volume.realPath) : undefined
  const common = {
    content: 'images',
    format: volume.format,
    size: info?.virtualSize ?? file.size,
    ctime: Math.floor(file.ctimeMs / 1000),
    ...(volume.vmid !== undefined && { vmid: volume.vmid }),
  }
  const backing = info?.backingFile
  if (!storageRules[volume.storage.type].baseInName) return { volid: volume.volid, ...common }
  const baseName = backing?.replace(/^(?:\.\.\/)+/, '')
  const volid = baseName === undefined ? volume.volid : volume.volid.replace(':', `:${baseName}/`)
  if (!storageRules[volume.storage.type].files) {
    return { volid, ...common, ...(baseName !== undefined && { parent: `${baseName}@__base__` }) }
  }
  return { volid, ...common, parent: backing ?? null, used: file.blocks * 512 }
}

export async function listContent(
  storages: StorageMap,
  storage: StorageConfig,
  { place, kinds, vmid }: { place: VolumePlace; kinds: readonly string[]; vmid?: number },
): Promise<ListedVolume[]> {
  const found: ListedVolume[] = []
  for (const kind of ['iso', 'vztmpl', 'backup', 'snippets', 'import']) {
    if (kinds.includes(kind) && storageRules[storage.type].files && vmid === undefined) {
      found.push(...(await listFiles(storage, kind, place)))
    }
  }
  if (kinds.includes('images')) {
    const volumes = await imageVolumes(storages, storage, place)
    const wanted = volumes.filter((volume) => vmid === undefined || volume.vmid === vmid)
    const described = await Promise.all(wanted.map((volume) => describeImage(volume)))
    found.push(...described.filter((entry) => entry !== undefined))
  }
  return found.sort((left, right) => (left.volid < right.volid ? -1 : 1))
}
