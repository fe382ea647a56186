// Finds running tasks of this token, so that a run after a kill waits for them instead of starting others.

import { ProvisionError } from '../../../errors.ts'
import { api } from '../api.ts'
import { parseUpid, type Upid } from '../ids.ts'
import type { Pve } from '../pve.ts'

export interface OwnTasksOptions {
  readonly nodes: readonly string[]
  /** `user@realm!token` or `user@realm`. Tasks of this identity are included. */
  readonly identity: string
  readonly signal?: AbortSignal | undefined
}

interface ListedTask {
  readonly upid?: unknown
  readonly status?: unknown
  readonly endtime?: unknown
}

/**
 * Lists the running tasks of this identity on these nodes, with one request for each node. A node that is down is
 * skipped. The list lags by up to ten seconds, so it may contain tasks that have ended. Waiting for such a task returns
 * at once.
 */
export async function listOwnRunningTasks(
  pve: Pick<Pve, 'request'>,
  { nodes, identity, signal }: OwnTasksOptions,
): Promise<readonly Upid[]> {
  const lists = await Promise.all(nodes.map((node) => listActive(pve, node, signal)))
  return lists
    .flat()
    .filter(isRunning)
    .map(({ upid }) => parseUpid(upid))
    .filter(({ user }) => user === identity)
}

async function listActive(
  pve: Pick<Pve, 'request'>,
  node: string,
  signal?: AbortSignal,
): Promise<readonly ListedTask[]> {
  try {
    return await api(pve, { signal }).nodes.$(node).tasks.$get({ source: 'active', limit: 500 })
  } catch (error) {
    if (error instanceof ProvisionError && error.details.node === node) return []
    throw error
  }
}

function isRunning({ status, endtime }: ListedTask): boolean {
  return endtime === undefined && (status === undefined || status === 'RUNNING')
}
