// Finds CDs on the images storages that this program wrote and that no guest uses: cloud-init CDs, and ISO images.
import pMap from 'p-map'
import { fileStem } from '../../manifest/machine-disks.ts'
import type { Desired } from '../../manifest/manifest.ts'
import type { StorageRef } from '../../ports/pve/pve.ts'
import type { World } from '../../ports/world.ts'
import { listIfThere } from '../cluster/list-storage.ts'
import { readConfig } from '../cluster/observe-guests.ts'
import type { Facts, VolumeFacts } from '../facts.ts'

export interface UnusedCd extends StorageRef {
  readonly volid: string
  /** The machine that a cloud-init CD was written for. */
  readonly machine?: string
  /** The image of an ISO, or of a CD with its recipe. */
  readonly image?: string
}

export interface UnusedCds {
  readonly cds: readonly UnusedCd[]
  /** Why it is not known which CDs are unused. */
  readonly doubt?: string
}

type Config = Readonly<Record<string, unknown>>

/** Another run may have stored a CD and not attached it yet. */
const YOUNGEST_MS = 60 * 60 * 1000
const SEED = /^(.+)-seed-[0-9a-f]{16}\.iso$/
const QUESTIONS_AT_ONCE = 8

/**
 * Considers only CDs of machines and images that the project knows by name. A CD is unused only if no guest of the whole
 * cluster has it, and no snapshot can have it.
 */
export async function observeUnusedCds(desired: Desired, facts: Facts, { pve, clock }: World): Promise<UnusedCds> {
  const places = [...facts.volumes.keys()].map((key): StorageRef => {
    const [node = '', storage = ''] = key.split('/')
    return { node, storage }
  })
  const lists = await pMap(places, async (at) => ({ at, list: (await listIfThere(at, pve, 'iso')) ?? [] }), {
    concurrency: QUESTIONS_AT_ONCE,
  })
  const names = new Set([
    ...desired.machines.map(({ name }) => name),
    ...facts.guests.flatMap(({ marker }) => (marker.kind === 'machine' ? [marker.name] : [])),
  ])
  const isOld = ({ createdAtMs }: VolumeFacts) => createdAtMs !== undefined && clock.now() - createdAtMs > YOUNGEST_MS
  const candidates = lists.flatMap(({ at, list }) =>
    list.filter(isOld).flatMap((volume) => cdOf(volume, at, { names, desired }) ?? []),
  )
  if (candidates.length === 0) return { cds: [] }
  // It must propagate to all guests. Proxmox does not list a `NoAccess` on a deeper path.
  if (facts.cluster.permissions['/vms']?.['VM.Audit'] !== 1)
    return { cds: [], doubt: 'this token does not see all guests, so one of them may use a CD' }
  const configs = await configsOf(facts, pve)
  if (configs === undefined) return { cds: [], doubt: 'not all guests can be read, so one of them may use a CD' }
  return { cds: candidates.filter((cd) => !isUsed(cd, configs)) }
}

function cdOf(
  { volid, name }: VolumeFacts,
  at: StorageRef,
  { names, desired }: { readonly names: ReadonlySet<string>; readonly desired: Desired },
): UnusedCd | undefined {
  const [, machine] = SEED.exec(name) ?? []
  if (machine !== undefined && names.has(machine)) return { ...at, volid, machine }
  const image = [...desired.images.values()].find(({ name: one, isIso, kind }) => {
    const pattern = kind === 'built' ? RECIPE : isIso ? BUILD : undefined
    return name.startsWith(`${fileStem(one)}-`) && pattern?.test(name.slice(fileStem(one).length + 1))
  })
  return image && { ...at, volid, image: image.name }
}

const BUILD = /^[0-9a-f]{16}(-\d+)?\.iso$/
/** The CD with the recipe of a build whose VM was removed by hand. */
const RECIPE = /^build-seed-[0-9a-f]{16}\.iso$/

/** Reads the config of every guest. Returns undefined if one of them cannot be read. */
async function configsOf(
  { guests, listed, unreachable = [] }: Facts,
  pve: World['pve'],
): Promise<readonly Config[] | undefined> {
  if (unreachable.length > 0) return undefined
  const known = new Map(guests.map(({ vmid, config }) => [vmid, config]))
  try {
    const found = await pMap([...listed.values()], async (guest) => known.get(guest.vmid) ?? readConfig(guest, pve), {
      concurrency: QUESTIONS_AT_ONCE,
    })
    return found.filter((config) => config !== undefined)
  } catch {
    return undefined
  }
}

/** A guest with a `parent` has snapshots, and their configs may name CDs of earlier times. */
function isUsed({ volid, machine }: UnusedCd, configs: readonly Config[]): boolean {
  return configs.some((config) => {
    if (config.parent !== undefined && (machine === undefined || config.name === machine)) return true
    return Object.values(config).some((value) => typeof value === 'string' && value.split(',', 1)[0] === volid)
  })
}
