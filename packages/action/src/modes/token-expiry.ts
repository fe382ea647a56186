// Warns before the API token expires. After that, runs would fail with "authentication failed".
import type { Prepared, World } from '@pve-provision/core'
import { durationText } from '@pve-provision/core/text'
import type { Inputs } from '../inputs/inputs.ts'
import { say, warning } from '../log.ts'

const DAY_MS = 24 * 3_600_000
const SOON_MS = 14 * DAY_MS

interface Asking {
  readonly world: World
  readonly inputs: Inputs
  readonly signal: AbortSignal
}

/**
 * Checks the expiry only when the facts are read again, so that a run with cached facts makes no extra request. A token
 * may always read itself (pve-access-control `API2/User.pm`, `userid-param self`). A failure of this check does not
 * fail the run.
 */
export async function warnOfExpiry({ facts }: Prepared, { world, inputs, signal }: Asking): Promise<void> {
  const [user, name] = inputs.tokenId.split('!')
  if (facts.cluster.cached !== undefined || user === undefined || name === undefined) return
  const path = `/access/users/${encodeURIComponent(user)}/token/${encodeURIComponent(name)}`
  const token = await world.pve.request('GET', path, { signal, timeoutMs: 5_000 }).catch(() => undefined)
  const expireSeconds = typeof token === 'object' && token !== null ? Reflect.get(token, 'expire') : undefined
  if (typeof expireSeconds === 'number') tell(inputs.tokenId, expireSeconds, world.clock.now())
}

function tell(tokenId: string, expireSeconds: number, nowMs: number): void {
  const leftMs = expireSeconds * 1000 - nowMs
  if (expireSeconds === 0) say(`Note: the token ${tokenId} never expires.`)
  else if (leftMs < SOON_MS)
    warning(
      `The token ${tokenId} expires in ${durationText(leftMs)}: create a new one and replace the secret.`,
      'The token expires soon',
    )
}
