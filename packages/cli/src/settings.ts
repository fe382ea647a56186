// Reads the connection from the environment and checks it before anything is contacted.
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import {
  createWorld,
  type Limits,
  ProvisionError,
  type ProxySettings,
  proxySettingsOf,
  type World,
  type WorldSettings,
} from '@pve-provision/core'
import { NO_PROXMOX, proxyPasswords } from '@pve-provision/core/advanced'
import { reasonOf } from './files.ts'
import { keepSecret } from './text/output.ts'
import { VERSION } from './version.ts'

/** Creates the world from the environment. @throws ProvisionError `USAGE` for a missing or invalid variable */
export function worldFromEnvironment(limits?: Limits, environment: NodeJS.ProcessEnv = process.env): World {
  return createWorldIn(environment, { pve: connectionIn(environment), limits })
}

/** Creates a world for commands that contact only vendors. They need no connection to Proxmox. */
export function worldWithoutProxmox(limits?: Limits, environment: NodeJS.ProcessEnv = process.env): World {
  return createWorldIn(environment, { pve: NO_PROXMOX, limits })
}

function connectionIn(environment: NodeJS.ProcessEnv): WorldSettings['pve'] {
  const { PVE_ENDPOINT, PVE_TOKEN_ID, PVE_TOKEN_SECRET, PVE_FINGERPRINT, PVE_CA } = environment
  const missing = Object.entries({ PVE_ENDPOINT, PVE_TOKEN_ID, PVE_TOKEN_SECRET }).filter(([, value]) => !value)
  if (missing.length > 0) throw missingVariables(missing.map(([name]) => name))
  return {
    endpoints: endpointsOf(PVE_ENDPOINT ?? ''),
    credentials: { tokenId: PVE_TOKEN_ID ?? '', tokenSecret: PVE_TOKEN_SECRET ?? '' },
    trust: { ...(PVE_FINGERPRINT && { fingerprint: PVE_FINGERPRINT }), ...(PVE_CA && { ca: readCa(PVE_CA) }) },
  }
}

function createWorldIn(
  environment: NodeJS.ProcessEnv,
  { pve, limits }: { readonly pve: WorldSettings['pve']; readonly limits: Limits | undefined },
): World {
  return createWorld({
    pve,
    cacheDirectory: cacheDirectory(environment),
    proxy: proxyOf(environment),
    ...(limits && { limits }),
    userAgent: `pve-provision/${VERSION}`,
  })
}

function missingVariables(names: readonly string[]): ProvisionError {
  const verb = names.length === 1 ? 'is' : 'are'
  return new ProvisionError('USAGE', `${names.join(', ')} ${verb} not set.`, {
    hint: "Set the connection to Proxmox:\nexport PVE_ENDPOINT=https://HOST:8006 PVE_TOKEN_ID='USER@REALM!NAME'\nexport PVE_TOKEN_SECRET=… PVE_FINGERPRINT=…",
  })
}

function endpointsOf(text: string): URL[] {
  return text.split(',').map((part) => {
    const url = URL.canParse(part.trim()) ? new URL(part.trim()) : undefined
    if (url?.protocol === 'https:') return url
    const meant = meantEndpoint(part.trim())
    throw new ProvisionError('USAGE', `PVE_ENDPOINT must be like https://host:8006, not ${part.trim()}.`, {
      hint:
        meant === undefined
          ? 'export PVE_ENDPOINT=https://HOST:8006, or several of one cluster, separated by commas.'
          : `Did you mean PVE_ENDPOINT=${meant}?`,
    })
  })
}

/** Returns the probable address behind quotes, plain http, or a host without `https://`. */
function meantEndpoint(written: string): string | undefined {
  const [, host, port = ':8006'] =
    /^["'`]?(?:https?:\/\/)?([\w.-]+|\[[\da-f:]+\])(:\d+)?\/?["'`]?$/i.exec(written) ?? []
  return host === undefined ? undefined : `https://${host}${port}`
}

function readCa(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new ProvisionError('USAGE', `The certificate file ${file} in PVE_CA ${reasonOf(cause)}.`, { cause })
  }
}

/** `PVE_PROVISION_CACHE`, else the XDG cache folder. */
export function cacheDirectory(environment: NodeJS.ProcessEnv): string {
  const { PVE_PROVISION_CACHE, XDG_CACHE_HOME } = environment
  return PVE_PROVISION_CACHE || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'pve-provision')
}

/** Masks the passwords of proxies in all output. */
function proxyOf(environment: NodeJS.ProcessEnv): ProxySettings {
  const settings = proxySettingsOf(environment)
  keepSecret(...proxyPasswords(settings))
  return settings
}
