// Reads the resource mappings and the ISO images that machines are to get. Reads only what a machine does not have yet.
import pMap from 'p-map'
import type { Device, Machine } from '../../manifest/manifest.ts'
import { api } from '../../ports/pve/api.ts'
import type { StorageRef } from '../../ports/pve/pve.ts'
import type { World } from '../../ports/world.ts'
import { listStorage } from '../cluster/list-storage.ts'
import { type Attachments, type GuestFacts, type MappingKind, storageKey } from '../facts.ts'

export interface Attaching {
  readonly machines: readonly Machine[]
  readonly guests: ReadonlyMap<string, GuestFacts>
}

/** Proxmox's name for the kind of a mapping: a directory that virtiofs shares is `dir`. */
export function mappingKind({ kind }: Pick<Device, 'kind'>): MappingKind {
  return kind === 'virtiofs' ? 'dir' : kind
}

/** Returns what exists. A kind or a storage that cannot be listed is absent. */
export async function observeAttachments(
  attaching: Attaching,
  { pve }: Pick<World, 'pve'>,
  signal?: AbortSignal,
): Promise<Attachments> {
  const [mappings, isos] = await Promise.all([
    pMap(kindsOf(attaching), async (kind) => [kind, await mappingsOf(kind, pve, signal)] as const),
    pMap(isoStorages(attaching), async (ref) => [storageKey(ref), await isosOn(ref, pve)] as const, { concurrency: 4 }),
  ])
  return { mappings: new Map(known(mappings)), isos: new Map(known(isos)) }
}

function known<Key, Value>(entries: readonly (readonly [Key, Value | undefined])[]): (readonly [Key, Value])[] {
  return entries.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]))
}

function kindsOf({ machines, guests }: Attaching): readonly MappingKind[] {
  const lacking = machines.flatMap(({ name, devices }) =>
    devices.filter(({ mapping }) => !hasText(guests.get(name), mapping)),
  )
  return [...new Set(lacking.map(mappingKind))]
}

function isoStorages({ machines, guests }: Attaching): readonly StorageRef[] {
  const refs = machines.flatMap(({ name, nodes, cdroms }) => {
    const guest = guests.get(name)
    const lacking = cdroms.flatMap((cdrom) =>
      'volume' in cdrom && !hasText(guest, cdrom.volume) ? [cdrom.volume] : [],
    )
    const where = guest === undefined ? nodes : [guest.node]
    return lacking.flatMap((volume) => where.map((node) => ({ node, storage: volume.split(':', 1)[0] ?? '' })))
  })
  return [...new Map(refs.map((ref) => [storageKey(ref), ref])).values()]
}

/** Whether any key of the config names it. */
function hasText(guest: GuestFacts | undefined, name: string): boolean {
  const values = Object.values(guest?.config ?? {}).filter((value) => typeof value === 'string')
  return values.some((value) => value.split(/[,=]/).includes(name))
}

async function mappingsOf(
  kind: MappingKind,
  pve: World['pve'],
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, ReadonlySet<string>> | undefined> {
  try {
    const rows = await api(pve, { signal }).cluster.mapping[kind].$get()
    return new Map(rows.map(({ id, map = [] }) => [id, new Set(map.flatMap((entry) => nodeOf(entry) ?? []))]))
  } catch {
    return undefined
  }
}

/** `node=pve1,path=0000:01:00.0,id=8086:1533` → `pve1` */
function nodeOf(entry: string): string | undefined {
  return /(?:^|,)node=([^,]+)/.exec(entry)?.[1]
}

async function isosOn(ref: StorageRef, pve: World['pve']): Promise<ReadonlySet<string> | undefined> {
  try {
    return new Set((await listStorage(ref, pve, 'iso')).map(({ volid }) => volid))
  } catch {
    return undefined
  }
}
