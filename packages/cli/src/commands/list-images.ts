// `images list`: lists the local store and the images storages, with age and usage.
import { type Prepared, preparePrune } from '@pve-provision/core'
import { isLinkedTo, listSeeds, type SeedVolume, sourcesOf } from '@pve-provision/core/advanced'
import { bytesText, durationText, nameList } from '@pve-provision/core/text'
import { EXIT } from '../exit-codes.ts'
import type { CommonOptions } from '../options.ts'
import { withRun } from '../run.ts'
import { writeDocument, writeText } from '../text/output.ts'
import { table } from '../text/table.ts'

export function listImages(options: CommonOptions): Promise<number> {
  return withRun(options, async ({ desired, world, provisionOptions }) => {
    const prepared = await preparePrune(desired, world, provisionOptions)
    const now = world.clock.now()
    const listing = {
      volumes: volumesOf(prepared, now),
      templates: templatesOf(prepared),
      cds: await listSeeds(prepared.facts, world.pve),
      store: (await world.store.list()).map(({ key, bytes, usedAtMs }) => ({
        key,
        sizeBytes: bytes,
        ageMs: now - usedAtMs,
      })),
    }
    if (options.json) writeDocument(listing)
    else writeText(listText(listing))
    return EXIT.fine
  })
}

interface VolumeRow {
  readonly at: string
  readonly name: string
  /** The image of the manifest that it belongs to. Absent if it belongs to none. */
  readonly image?: string
  readonly sizeBytes: number
  readonly ageMs?: number
  /** Machines of the manifest that use this image. */
  readonly usedBy: readonly string[]
  /** True if `images prune` would remove it. */
  readonly unused: boolean
}

interface TemplateRow {
  readonly vmid: number
  readonly node: string
  readonly name: string
  readonly image: string
  readonly usedBy: readonly string[]
}

interface StoreRow {
  readonly key: string
  readonly sizeBytes: number
  readonly ageMs: number
}

function volumesOf({ desired, facts, plan }: Prepared, now: number): readonly VolumeRow[] {
  const removed = new Set(plan.steps.map(({ id }) => id.slice(id.indexOf(':') + 1)))
  return [...facts.volumes].flatMap(([at, list]) =>
    list.map(({ name, sizeBytes, createdAtMs }) => {
      const unused = removed.has(`${at}/${name}`)
      const image = [...desired.images.keys()].find((key) => isVolumeOf(key, name))
      const machines = unused
        ? []
        : desired.machines.filter((machine) => image !== undefined && sourcesOf(machine, desired).includes(image))
      const age = createdAtMs === undefined ? {} : { ageMs: now - createdAtMs }
      return {
        at,
        name,
        ...(image && { image }),
        sizeBytes,
        ...age,
        usedBy: machines.map((machine) => machine.name),
        unused,
      }
    }),
  )
}

/** `debian-13-3f2a9c0d1e4b5a67-660602880.qcow2` belongs to `debian-13`. */
function isVolumeOf(image: string, volume: string): boolean {
  return volume.startsWith(`${image}-`) && /^[0-9a-f]{16}(-\d+)?\.\w+$/.test(volume.slice(image.length + 1))
}

function templatesOf({ facts }: Prepared): readonly TemplateRow[] {
  const machines = facts.guests.filter(({ marker }) => marker.kind === 'machine')
  const isShared = (name = '') => facts.cluster.storages.some(({ storage, shared }) => storage === name && shared)
  return facts.guests
    .filter(({ marker }) => marker.kind === 'template')
    .map((template) => {
      const { vmid, node, name, marker } = template
      const users = machines.filter(
        (machine) => machine.marker.base === marker.base && (machine.node === node || isShared(marker.storage)),
      )
      const built = facts.guests.filter((guest) => guest.marker.kind === 'template' && isLinkedTo(guest, template))
      const usedBy = [...users.map((machine) => machine.marker.name), ...built.map((guest) => guest.name)]
      return { vmid, node, name, image: marker.image, usedBy }
    })
}

interface Listing {
  readonly volumes: readonly VolumeRow[]
  readonly templates: readonly TemplateRow[]
  readonly cds: readonly SeedVolume[]
  readonly store: readonly StoreRow[]
}

function listText({ volumes, templates, cds, store }: Listing): string {
  const users = (names: readonly string[]) => nameList(names) || 'nothing'
  const age = (ageMs: number | undefined) => (ageMs === undefined ? '' : durationText(ageMs))
  const volumeRows = volumes.map(({ name, at, sizeBytes, ageMs, image, usedBy }) => [
    name,
    at,
    bytesText(sizeBytes),
    age(ageMs),
    image === undefined ? '(not in this manifest)' : users(usedBy),
  ])
  const templateRows = templates.map(({ name, vmid, node, usedBy }) => [name, String(vmid), node, users(usedBy)])
  const storeRows = store.map(({ key, sizeBytes, ageMs }) => [shortKey(key), bytesText(sizeBytes), `${age(ageMs)} ago`])
  const sections = [
    table(['VOLUME', 'STORAGE', 'SIZE', 'AGE', 'USED BY'], volumeRows),
    table(['TEMPLATE', 'ID', 'NODE', 'USED BY'], templateRows),
    ...(cds.length > 0 ? [table(['CLOUD-INIT CD', 'STORAGE', 'SIZE', 'USED BY'], cds.map(cdRow))] : []),
    ...(cds.some(({ usedBy }) => usedBy === undefined) ? [[LEFT_CDS]] : []),
    table(['LOCAL STORE', 'SIZE', 'LAST USED'], storeRows),
  ]
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

function cdRow({ volid, node, storage, sizeBytes, usedBy }: SeedVolume): readonly string[] {
  return [volid, `${node}/${storage}`, bytesText(sizeBytes), usedBy ?? '(not in this project)']
}

/** It may belong to another project or be left over, so the user decides. */
const LEFT_CDS = 'To remove a CD that no machine uses, run on its node: pvesm free VOLUME'

/** Returns the first digits of the digest, and the recipe. */
function shortKey(key: string): string {
  return `${key.slice(0, 20)}…${key.includes('+') ? key.slice(key.indexOf('+')) : ''}`
}
