// Parses volume ids such as `local:100/vm-100-disk-0.qcow2`, and finds their files.
import { failure } from '../errors.ts'
import { realPath, type StorageConfig, storageRules } from './storage-config.ts'

export type VolumeKind = 'images' | 'rootdir' | 'iso' | 'vztmpl' | 'import' | 'snippets' | 'backup'

export interface Volume {
  readonly volid: string
  readonly storage: StorageConfig
  readonly kind: VolumeKind
  /** The last part: the file or device. */
  readonly name: string
  /** Owner of a disk. */
  readonly vmid?: number
  /** The base of a linked clone, from its volume name: `200/base-200-disk-0.qcow2`. */
  readonly base?: string
  readonly isBase: boolean
  /** The format that users see. Block storages are raw, whatever the actual file is. */
  readonly format: string
  readonly shownPath: string
  readonly realPath: string
}

export interface VolumePlace {
  readonly root: string
  readonly node: string
}

const folders: Readonly<Record<string, string>> = {
  iso: 'template/iso',
  vztmpl: 'template/cache',
  import: 'import',
  snippets: 'snippets',
  backup: 'dump',
}

export function contentFolder(storage: StorageConfig, kind: string): string {
  return `${storage.path}/${folders[kind] ?? kind}`
}

const imagePattern = /^(?:vm|base|subvol)-(\d+)-\S+?$/
const formatOf = (name: string): string => /\.(qcow2|raw|vmdk|subvol)$/.exec(name)?.[1] ?? 'raw'

const isoPattern = /^iso\/([^/]+\.(?:iso|img))$/i
const templatePattern = /^vztmpl\/([^/]+\.tar(?:\.(?:gz|xz|zst|bz2))?)$/
const importPattern = /^import\/([^/]+\.(?:ova|qcow2|raw|vmdk))$/
const plainPattern = /^(snippets|backup)\/([^/]+)$/

interface ParsedName {
  readonly kind: VolumeKind
  readonly name: string
  readonly vmid?: number
  readonly base?: string
  readonly folder: string
}

function parseFileName(volname: string): ParsedName | undefined {
  const linked = /^(\d+\/base-\d+-[^/\s]+)\/(\d+)\/([^/\s]+)$/.exec(volname)
  if (linked !== null) {
    const [, base = '', vmid = '', name = ''] = linked
    return { kind: 'images', name, vmid: Number(vmid), base, folder: `images/${vmid}` }
  }
  const image = /^(\d+)\/(\S+)$/.exec(volname)
  if (image !== null)
    return { kind: 'images', name: image[2] ?? '', vmid: Number(image[1]), folder: `images/${image[1]}` }
  for (const [pattern, kind] of [
    [isoPattern, 'iso'],
    [templatePattern, 'vztmpl'],
    [importPattern, 'import'],
  ] as const) {
    const name = pattern.exec(volname)?.[1]
    if (name !== undefined) return { kind, name, folder: folders[kind] ?? kind }
  }
  const plain = plainPattern.exec(volname)
  if (plain === null) return undefined
  const kind = plain[1] === 'backup' ? 'backup' : 'snippets'
  return { kind, name: plain[2] ?? '', folder: folders[kind] ?? kind }
}

function parseBlockName(volname: string): ParsedName | undefined {
  const match = /^(?:(base-\d+-[^/\s]+)\/)?([^/\s]+)$/.exec(volname)
  const name = match?.[2] ?? ''
  const vmid = imagePattern.exec(name)?.[1]
  if (match === null || vmid === undefined) return undefined
  return { kind: 'images', name, vmid: Number(vmid), folder: '', ...(match[1] !== undefined && { base: match[1] }) }
}

export function parseVolumeName(storage: StorageConfig, volname: string): ParsedName | undefined {
  return storageRules[storage.type].files ? parseFileName(volname) : parseBlockName(volname)
}

/** Checks the name of a disk's file as `parse_name_dir` does (pve-storage `Storage/Plugin.pm`). */
function checkDiskFile(name: string | undefined): void {
  if (name !== undefined && !isDiskFile(name)) throw failure(`unable to parse volume filename '${name}'`)
}

/** Returns true if a file in the folder of a machine is one of its disks. Others may have any name with a known ending. */
export const isDiskFile = (name: string): boolean =>
  /^[^/\s]+\.(?:qcow2|raw|vmdk|subvol)$/.test(name) && !/^snap-.*\.qcow2$/.test(name)

/** Throws Proxmox's error for a missing storage or an invalid name. */
export function resolveVolume(
  storages: ReadonlyMap<string, StorageConfig>,
  volid: string,
  { root, node }: VolumePlace,
): Volume {
  const colon = volid.indexOf(':')
  const id = volid.slice(0, colon)
  const volname = volid.slice(colon + 1)
  if (colon <= 0) throw failure(`unable to parse volume ID '${volid}'\n`.trimEnd())
  const storage = storages.get(id)
  if (storage === undefined) throw failure(`storage '${id}' does not exist`)
  const parsed = parseVolumeName(storage, volname)
  if (parsed === undefined) {
    throw failure(
      `unable to parse ${storageRules[storage.type].files ? 'directory' : storage.type} volume name '${volname}'`,
    )
  }
  if (parsed.kind === 'images' && storageRules[storage.type].files) {
    for (const name of [parsed.base?.replace(/^\d+\//, ''), parsed.name]) checkDiskFile(name)
  }
  const shownPath = [storage.path, parsed.folder, parsed.name].filter(Boolean).join('/')
  return {
    volid,
    storage,
    kind: parsed.kind,
    name: parsed.name,
    ...(parsed.vmid !== undefined && { vmid: parsed.vmid }),
    ...(parsed.base !== undefined && { base: parsed.base }),
    isBase: parsed.name.startsWith('base-'),
    format: parsed.kind === 'images' && !storageRules[storage.type].files ? 'raw' : formatOf(parsed.name),
    shownPath,
    realPath: realPath(root, storage, { node, shown: shownPath }),
  }
}
