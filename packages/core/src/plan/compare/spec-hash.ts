// Computes a hash of what the manifest declares for a machine. The machine's marker stores it.
import type { Marker } from '../../facts/cluster/marker.ts'
import type { Machine } from '../../manifest/manifest.ts'
import { wantedConfig } from '../config/machine-config.ts'
import { passwordHash } from '../first-boot/password-hash.ts'
import { hash16 } from '../names.ts'

/** The spec of a machine that was created but not configured yet. The run that finds it configures it. */
export const UNFINISHED = 'unfinished'

/** Returns 16 hex digits over the declared config. With a password, `-` and 8 digits follow that show if it changed. */
export function specHash(machine: Machine, project: string): string {
  const marker: Marker = { project, name: machine.name, kind: 'machine', image: machine.image, base: '', spec: '' }
  const { cipassword, ...config } = wantedConfig(machine, {}, marker)
  const lifetime = machine.expiresSeconds === undefined ? [] : [machine.expiresSeconds]
  const declared = hash16(JSON.stringify([config, machine.disk, machine.pool ?? null, ...lifetime]))
  return cipassword === undefined || cipassword === null
    ? declared
    : `${declared}-${passwordHash(String(cipassword), project)}`
}

/** Returns the part of a spec for the password, or undefined if there was none. */
export function passwordPart(spec: string): string | undefined {
  return spec.split('-', 2)[1]
}
