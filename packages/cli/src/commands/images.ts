// `images list | prune`: what lies in the store here and on the images storages, and what nobody uses any more.
import { apply, bytesText, durationText, preparePrune } from '@pve-provision/core'
import type { CommonOptions } from '../cli.ts'
import { EXIT } from '../exit-codes.ts'
import { withRun } from '../run.ts'
import { table } from '../text/table.ts'

import { type CarryOutOptions, carryOut } from './carry-out.ts'

export function listImages(options: CommonOptions): Promise<number> {
  return withRun(options, async ({ desired, world, provisionOptions }) => {
    const { facts, plan } = await preparePrune(desired, world, provisionOptions)
    const now = world.clock.now()
    const unused = new Set(plan.steps.map(({ id }) => id.slice(id.indexOf(':') + 1)))
    const volumes = [...facts.volumes].flatMap(([at, list]) =>
      list.map(({ name, sizeBytes, createdAtMs }) => ({
        at,
        name,
        sizeBytes,
        ...(createdAtMs !== undefined && { ageMs: now - createdAtMs }),
        unused: unused.has(`${at}/${name}`),
      })),
    )
    const machines = facts.guests.filter(({ marker }) => marker.kind === 'machine')
    const isShared = (name = '') => facts.cluster.storages.some(({ storage, shared }) => storage === name && shared)
    const templates = facts.guests
      .filter(({ marker }) => marker.kind === 'template')
      .map(({ vmid, node, name, marker }) => ({
        vmid,
        node,
        name,
        image: marker.image,
        usedBy: machines
          .filter(
            (machine) => machine.marker.base === marker.base && (machine.node === node || isShared(marker.storage)),
          )
          .map((machine) => machine.marker.name),
      }))
    const store = (await world.store.list()).map(({ key, bytes, usedAtMs }) => ({
      key,
      sizeBytes: bytes,
      ageMs: now - usedAtMs,
    }))
    if (options.json) process.stdout.write(`${JSON.stringify({ volumes, templates, store })}\n`)
    else process.stdout.write(listText({ volumes, templates, store }))
    return EXIT.fine
  })
}

interface Listing {
  readonly volumes: readonly {
    readonly at: string
    readonly name: string
    readonly sizeBytes: number
    readonly ageMs?: number
    readonly unused: boolean
  }[]
  readonly templates: readonly {
    readonly vmid: number
    readonly node: string
    readonly name: string
    readonly usedBy: readonly string[]
  }[]
  readonly store: readonly { readonly key: string; readonly sizeBytes: number; readonly ageMs: number }[]
}

function listText({ volumes, templates, store }: Listing): string {
  const sections = [
    table(
      ['volume', 'on', 'size', 'age', ''],
      volumes.map(({ name, at, sizeBytes, ageMs, unused }) => [
        name,
        at,
        bytesText(sizeBytes),
        ageMs === undefined ? '' : durationText(ageMs),
        unused ? 'unused' : '',
      ]),
    ),
    table(
      ['template', 'vmid', 'node', 'used by'],
      templates.map(({ name, vmid, node, usedBy }) => [name, String(vmid), node, usedBy.join(', ') || 'nobody']),
    ),
    table(
      ['in the store here', 'size', 'last used'],
      store.map(({ key, sizeBytes, ageMs }) => [
        `${key.slice(0, 20)}…${key.includes('+') ? key.slice(key.indexOf('+')) : ''}`,
        bytesText(sizeBytes),
        `${durationText(ageMs)} ago`,
      ]),
    ),
  ]
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

export interface PruneOptions extends CarryOutOptions {
  /** Also drop what the store here has not used for so many days. */
  readonly storeDays?: string
}

export async function pruneImages(options: PruneOptions): Promise<number> {
  const exitCode = await carryOut(options, { prepare: preparePrune, apply, question: 'Remove these for good?' })
  if (options.storeDays === undefined || exitCode !== EXIT.fine) return exitCode
  return pruneStore(options, Number(options.storeDays))
}

const DAY_MS = 24 * 60 * 60 * 1000

function pruneStore(options: CommonOptions, days: number): Promise<number> {
  return withRun(options, async ({ world }) => {
    const old = (await world.store.list()).filter(({ usedAtMs }) => world.clock.now() - usedAtMs > days * DAY_MS)
    for (const { key } of old) await world.store.remove(key)
    const bytes = old.reduce((sum, blob) => sum + blob.bytes, 0)
    process.stderr.write(`${old.length} blobs removed from the store here, ${bytesText(bytes)}.\n`)
    return EXIT.fine
  })
}
