// Computes the config of the guest in which an image is built, before it boots and before it becomes a template.
import { type Marker, writeDescription } from '../../facts/cluster/marker.ts'
import { BOOT_DISK } from '../../manifest/machine-disks.ts'
import type { Machine } from '../../manifest/manifest.ts'
import { wantedConfig } from '../config/machine-config.ts'
import { formatProperties, parseProperties, textOf, withProperties } from '../config/property-string.ts'
import { TEMPLATE_CONFIG } from '../config/template-config.ts'
import type { Config, WantedConfig } from '../config/wanted-config.ts'
import type { ConfigUpdate } from '../first-boot/first-boot-change.ts'
import { CLOUD_INIT_DRIVE } from '../first-boot/proxmox-keys.ts'

/** Cloud-init keys that a clone inherits from someone else's template. The guest reads our CD instead. */
const CLOUD_INIT_KEYS = /^(ciuser|cipassword|citype|ciupgrade|cicustom|sshkeys|nameserver|searchdomain|ipconfig\d+)$/

/**
 * Returns the change from a fresh clone to the guest of a build: hardware, network, and the CD with the recipe.
 * @param marker is written in the same call
 */
export function buildConfig(
  machine: Machine,
  current: Config,
  { marker, cd }: { readonly marker: Marker; readonly cd: string },
): ConfigUpdate {
  const theirs = Object.keys(current).filter((key) => CLOUD_INIT_KEYS.test(key))
  return updateOf(
    {
      ...Object.fromEntries(theirs.map((key) => [key, null])),
      ...wantedConfig(machine, current, marker, { all: true }),
      [CLOUD_INIT_DRIVE]: `${cd},media=cdrom`,
      description: writeDescription(marker),
    },
    current,
  )
}

/** Keys that only the build needs. Each machine that is cloned gets its own. */
const OF_THE_BUILD = /^(net\d+|cpu|numa|sockets|bios|machine|efidisk0|balloon|unused\d+)$/

/** Returns the change from a sealed guest to the config that all our templates have. */
export function sealedConfig(current: Config, storage: string): ConfigUpdate {
  const gone = Object.keys(current).filter((key) => OF_THE_BUILD.test(key))
  const disk = withProperties(parseProperties(current[BOOT_DISK], 'file'), { discard: undefined })
  const hasDrive = textOf(current[CLOUD_INIT_DRIVE]).includes('cloudinit')
  return updateOf(
    {
      ...Object.fromEntries(gone.map((key) => [key, null])),
      ...TEMPLATE_CONFIG,
      [BOOT_DISK]: formatProperties(disk, 'file'),
      ...(!hasDrive && { [CLOUD_INIT_DRIVE]: `${storage}:cloudinit` }),
    },
    current,
  )
}

function updateOf(wanted: WantedConfig, current: Config): ConfigUpdate {
  const entries = Object.entries(wanted)
  return {
    set: Object.fromEntries(
      entries.flatMap(([key, value]) =>
        value === null || String(current[key]) === String(value) ? [] : [[key, value]],
      ),
    ),
    remove: entries.flatMap(([key, value]) => (value === null && current[key] !== undefined ? [key] : [])),
  }
}
