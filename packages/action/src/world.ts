// The world as the inputs and the runner's environment describe it.
import { createWorld, type Desired, type World } from '@pve-provision/core'
import type { Environment, Inputs } from './inputs.ts'
import { VERSION } from './version.ts'

export function openWorld(inputs: Inputs, desired: Desired, environment: Environment): World {
  const { perHost, connectionsPerImage } = desired.limits
  return createWorld({
    pve: {
      endpoints: inputs.endpoints,
      credentials: { tokenId: inputs.tokenId, tokenSecret: inputs.tokenSecret },
      trust: inputs.trust,
    },
    cacheDirectory: inputs.cacheDirectory,
    proxy: proxyOf(environment),
    limits: { perHost, connectionsPerImage },
    userAgent: `pve-provision-action/${VERSION}`,
  })
}

function proxyOf(environment: Environment) {
  const of = (name: string) => environment[name] || environment[name.toLowerCase()]
  const [http, https, noProxy] = [of('HTTP_PROXY'), of('HTTPS_PROXY'), of('NO_PROXY')]
  return { ...(http && { http }), ...(https && { https }), ...(noProxy && { noProxy }) }
}
