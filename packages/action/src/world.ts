// Creates the world from the inputs and the runner's environment.
import { createWorld, type Desired, proxySettingsOf, type World } from '@pve-provision/core'
import { NO_PROXMOX } from '@pve-provision/core/advanced'
import type { Environment, Inputs } from './inputs/inputs.ts'
import { CONTACTS_NOBODY } from './inputs/mode.ts'
import { VERSION } from './version.ts'

export interface Surroundings {
  readonly environment: Environment
  /** A folder of this job alone, because its content is trusted. */
  readonly factsDirectory: string
}

export function openWorld(inputs: Inputs, desired: Desired, { environment, factsDirectory }: Surroundings): World {
  const { perHost, connectionsPerImage } = desired.limits
  return createWorld({
    pve: CONTACTS_NOBODY.includes(inputs.mode)
      ? NO_PROXMOX
      : {
          endpoints: inputs.endpoints,
          credentials: { tokenId: inputs.tokenId, tokenSecret: inputs.tokenSecret },
          trust: inputs.trust,
        },
    cacheDirectory: inputs.cacheDirectory,
    factsDirectory,
    proxy: proxySettingsOf(environment),
    limits: { perHost, connectionsPerImage },
    userAgent: `pve-provision-action/${VERSION}`,
  })
}
