// Converts the cloud-init options of a config to manifest keys. Passwords are never read.

import { isCloudInitDrive } from '../../manifest/machine-disks.ts'
import { words } from '../compare/same-value.ts'
import { parseProperties, textOf } from '../config/property-string.ts'
import type { Config } from '../config/wanted-config.ts'
import { CLOUD_INIT_DRIVE, decodeKeys } from '../first-boot/proxmox-keys.ts'
import { defined, flagOf, join, type Keys, NOTHING, numbered, said, unsaid, type Written } from './written.ts'

export function writeCloudInit(config: Config): Written {
  const addresses = numbered(config, /^ipconfig\d+$/)
  const stated = [...KEYS, ...addresses].filter((key) => config[key] !== undefined)
  if (stated.length > 0 && !hasDrive(config))
    return unsaid(
      `its cloud-init settings (${stated.join(', ')}), because it has no drive that passes them on`,
      ...stated,
    )
  const keys = defined({
    user: textOf(config.ciuser) || undefined,
    sshKeys: config.sshkeys === undefined ? undefined : decodeKeys(textOf(config.sshkeys)),
    ...addressKeys(config, addresses),
    dns: dnsOf(config),
    upgrade: flagOf(config.ciupgrade),
  })
  return join([
    Object.keys(keys).length === 0 ? NOTHING : said({ cloudInit: keys }),
    said({}, 'ciuser', 'sshkeys', 'nameserver', 'searchdomain', 'ciupgrade', ...addresses),
    config.cipassword === undefined
      ? NOTHING
      : unsaid('its password, because secrets are never written to a manifest', 'cipassword'),
    config.cicustom === undefined ? NOTHING : unsaid('its cloud-init documents, which are snippets', 'cicustom'),
  ])
}

const KEYS = ['ciuser', 'cipassword', 'sshkeys', 'nameserver', 'searchdomain', 'ciupgrade', 'cicustom']

function hasDrive(config: Config): boolean {
  return Object.values(config).some(isCloudInitDrive) || textOf(config[CLOUD_INIT_DRIVE]).includes(':iso/')
}

/**
 * The address of a single card is written beside the other keys. With several cards, `addresses` has an entry for each,
 * even if it is empty.
 */
function addressKeys(config: Config, keys: readonly string[]): Keys {
  const last = Number(keys.at(-1)?.slice('ipconfig'.length) ?? -1)
  const entries = Array.from({ length: last + 1 }, (_, index) => addressOf(config[`ipconfig${index}`]))
  if (entries.length === 0) return {}
  return entries.length === 1 ? (entries[0] ?? {}) : { addresses: entries }
}

function addressOf(value: unknown): Keys {
  const is = parseProperties(value, '')
  return defined({ ip: is.get('ip'), gateway: is.get('gw'), ip6: is.get('ip6'), gateway6: is.get('gw6') })
}

function dnsOf({ nameserver, searchdomain }: Config): Keys | undefined {
  const [servers, domain] = [words(nameserver), textOf(searchdomain).trim()]
  if (servers.length === 0 && domain === '') return undefined
  return defined({ servers: servers.length === 0 ? undefined : servers, domain: domain || undefined })
}
