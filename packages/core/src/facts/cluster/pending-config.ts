// Reads a guest's config with its pending changes, from one answer of `GET …/pending`.

import { api } from '../../ports/pve/api.ts'
import { isProblem } from '../../ports/pve/call/pve-problem.ts'
import type { World } from '../../ports/world.ts'
import type { PendingValue } from '../facts.ts'

export interface ConfigAndPending {
  /** The config as in `GET …/config`: pending values count as applied. */
  readonly config: Readonly<Record<string, unknown>>
  readonly pending: readonly PendingValue[]
}

type Row = Awaited<
  ReturnType<ReturnType<ReturnType<ReturnType<typeof api>['nodes']['$']>['qemu']['$']>['pending']['$get']>
>[number]

/** Returns undefined if the guest was removed since the listing or moved to another node. */
export async function readPending(
  { vmid, node }: { readonly vmid: number; readonly node: string },
  pve: World['pve'],
): Promise<ConfigAndPending | undefined> {
  try {
    return fromRows(await api(pve).nodes.$(node).qemu.$(vmid).pending.$get())
  } catch (thrown) {
    if (isProblem(thrown, 'not-found')) return undefined
    throw thrown
  }
}

/**
 * `delete` is 1, or 2 if it is forced. The digest of the file is a row too (pve-guest-common
 * `config_with_pending_array`).
 */
function fromRows(rows: readonly Row[]): ConfigAndPending {
  const config: Record<string, unknown> = {}
  const pending: PendingValue[] = []
  for (const row of rows) {
    const { key, value, pending: after } = row
    const isDeleted = row.delete !== undefined && Number(row.delete) !== 0
    if (!isDeleted) config[key] = after ?? value
    if (after !== undefined || isDeleted)
      pending.push({ key, ...(value !== undefined && { value }), ...(!isDeleted && { after }) })
  }
  return { config, pending }
}
