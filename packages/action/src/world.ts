// The world as the inputs and the runner's environment describe it.
import { createWorld, type Desired, proxySettingsOf, type World } from '@pve-provision/core'
import type { Environment, Inputs } from './inputs.ts'
import { VERSION } from './version.ts'

export interface Surroundings {
  readonly environment: Environment
  /** Of this job alone: what is in it is believed. */
  readonly factsDirectory: string
}

export function openWorld(inputs: Inputs, desired: Desired, { environment, factsDirectory }: Surroundings): World {
  const { perHost, connectionsPerImage } = desired.limits
  return createWorld({
    pve: {
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
