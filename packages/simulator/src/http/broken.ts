// Applies injected faults to an HTTP exchange.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { ApiError } from '../errors.ts'
import type { FaultRule } from '../faults/fault-rule.ts'
import type { World } from '../world.ts'
import type { LoggedRequest } from './request-log.ts'

/** Applies a fault before the work. Returns true if there will be no answer. Throws the error of a `fail` fault. */
export async function brokenBefore(
  world: World,
  { fault, request, entry }: { fault: FaultRule | undefined; request: IncomingMessage; entry: LoggedRequest },
): Promise<boolean> {
  if (fault === undefined) return false
  await world.clock.sleep(fault.delayMs ?? 0)
  if (fault.action === 'fail')
    throw new ApiError(fault.status ?? 500, fault.reason ?? 'got no worker upid - start worker failed')
  if (fault.action !== 'drop-before') return false
  Object.assign(entry, { status: 0, reason: 'dropped before the work' })
  request.socket.destroy()
  return true
}

/** Applies a fault to an answer. Returns true if nothing more must be sent. */
export function brokenAfter({
  fault,
  request,
  response,
  entry,
  result,
}: {
  fault: FaultRule | undefined
  request: IncomingMessage
  response: ServerResponse
  entry: LoggedRequest
  result: unknown
}): boolean {
  if (fault?.action === 'drop-after') {
    Object.assign(entry, { status: 0, reason: 'dropped after the work' })
    request.socket.destroy()
    return true
  }
  if (fault?.action !== 'truncate') return false
  Object.assign(entry, { status: 200, reason: 'truncated' })
  const text = JSON.stringify({ data: result ?? null })
  response.writeHead(200, {
    'Content-Type': 'application/json;charset=UTF-8',
    'Content-Length': Buffer.byteLength(text),
  })
  response.write(text.slice(0, Math.floor(text.length / 2)), () => request.socket.destroy())
  return true
}
