// The best short shell script, with proxmoxer for the API.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { measure } from '../../support/measure.ts'
import type { Run } from '../job.ts'

/** What a run trusts about existing files: the recorded digest, or only the hashed bytes. */
export type Trust = 'recorded' | 'hashed'

/** How existing machines are checked: by name in one listing, or each configuration. */
export type Look = 'names' | 'configs'

const PROGRAM = join(import.meta.dirname, 'script', 'best.sh')

export function script(trust: Trust, look: Look = 'names'): Run {
  return ({ site, job, signal }) => {
    const machines = join(site.folder, 'machines.json')
    writeFileSync(machines, JSON.stringify(job.machines))
    const format = job.convert ? 'raw' : 'qcow2'
    return measure([PROGRAM, job.vendor, site.isos, site.importFolder, format, trust, look, machines], {
      environment: site.cluster.environment,
      signal,
    })
  }
}
