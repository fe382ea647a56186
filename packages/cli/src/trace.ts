// `--trace FILE`: writes each request to Proxmox and vendors as a line of JSON while the program runs.
import { subscribe } from 'node:diagnostics_channel'
import { openSync, writeSync } from 'node:fs'
import { ProvisionError } from '@pve-provision/core'
import { TRACE_CHANNEL } from '@pve-provision/core/advanced'

/**
 * Creates the file, and adds a line when a request ends: time, method, server, path, status or error, attempt and
 * milliseconds. It never contains a body, a query or a credential.
 * @throws ProvisionError `DISK` if the file cannot be written
 */
export function traceTo(file: string): void {
  const descriptor = open(file)
  subscribe(TRACE_CHANNEL, (request) => {
    writeSync(descriptor, `${JSON.stringify({ at: new Date().toISOString(), ...(request as object) })}\n`)
  })
}

function open(file: string): number {
  try {
    return openSync(file, 'w', 0o600)
  } catch (cause) {
    throw new ProvisionError('DISK', `The trace file ${file} cannot be written.`, {
      cause,
      hint: 'Name a file in a folder that exists and that you may write to: --trace trace.jsonl',
    })
  }
}
