// What the manifest declared of a machine when it was last brought in line, as a hash that its marker carries.
import type { Marker } from '../../facts/cluster/marker.ts'
import type { Machine } from '../../manifest/manifest.ts'
import { wantedConfig } from '../config/machine-config.ts'
import { passwordHash } from '../first-boot/password-hash.ts'
import { hash16 } from '../names.ts'

/** The spec of a machine that was claimed and not yet configured: the one that finds it finishes it. */
export const UNFINISHED = 'unfinished'

/** 16 hex digits over the declared config; with a password, `-` and the 8 digits that tell whether it changed. */
export function specHash(machine: Machine, project: string): string {
  const marker: Marker = { project, name: machine.name, kind: 'machine', image: machine.image, base: '', spec: '' }
  const { cipassword, ...config } = wantedConfig(machine, {}, marker)
  const declared = hash16(JSON.stringify([config, machine.disk, machine.pool ?? null]))
  return cipassword === undefined || cipassword === null
    ? declared
    : `${declared}-${passwordHash(String(cipassword), project)}`
}

/** The part of a spec that stands for the password; nothing when there was none. */
export function passwordPart(spec: string): string | undefined {
  return spec.split('-', 2)[1]
}
