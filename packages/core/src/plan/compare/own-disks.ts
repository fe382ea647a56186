// Finds out which additional disks belong to the manifest. The marker stores the positions of the declared disks and the
// detached volumes. A disk that someone added in Proxmox is in neither list.
import type { Marker } from '../../facts/cluster/marker.ts'
import type { GuestFacts } from '../../facts/facts.ts'
import { BOOT_DISK, diskKeys } from '../../manifest/machine-disks.ts'
import type { Machine } from '../../manifest/manifest.ts'
import { isCd } from '../config/device-config.ts'
import { isDriveKey } from '../config/disk-config.ts'
import { parseProperties } from '../config/property-string.ts'
import type { Config } from '../config/wanted-config.ts'
import type { KeptDisk } from '../plan.ts'

type Guest = Pick<GuestFacts, 'marker' | 'config'>

/** Returns the volume of a drive. */
export function volumeOfDrive(drive: unknown): string | undefined {
  return parseProperties(drive, 'file').get('file')
}

/** Returns the disks that the manifest declared earlier and declares no longer. An apply detaches them. */
export function removedDisks(machine: Pick<Machine, 'disks'>, guest: Guest): readonly string[] {
  const { config } = guest
  const declared = diskKeys(machine, config)
  return ownKeys(guest).filter((key) => isDisk(key, config) && key !== BOOT_DISK && !declared.includes(key))
}

/** Returns the disks that someone added in Proxmox. */
export function foreignDisks(machine: Pick<Machine, 'disks'>, guest: Guest): readonly string[] {
  const { config } = guest
  const known = [...diskKeys(machine, config), ...ownKeys(guest)]
  return Object.keys(config)
    .filter((key) => isDisk(key, config) && !known.includes(key))
    .sort()
}

/** Returns the unused volumes of a machine. */
export function unusedDisks({ marker, config }: Guest): readonly KeptDisk[] {
  const detached = detachedOf(marker)
  return Object.keys(config)
    .filter((key) => /^unused\d+$/.test(key))
    .sort()
    .flatMap((key) => {
      const volume = volumeOfDrive(config[key])
      if (volume === undefined) return []
      const was = detached.find((one) => one.volume === volume)?.key
      return [{ key, volume, ...(was !== undefined && { was }) }]
    })
}

/** Returns the entries of the marker about disks, after the removal of some. */
export function diskMarks(
  machine: Machine,
  { removed, guest, all }: { readonly removed: readonly string[]; readonly guest: GuestFacts; readonly all: boolean },
): Pick<Marker, 'disks' | 'detached'> {
  const { config, marker, status } = guest
  const attached = new Set(
    Object.keys(config)
      .filter(isDriveKey)
      .map((key) => volumeOfDrive(config[key])),
  )
  const unused = new Set(unusedDisks(guest).map(({ volume }) => volume))
  // If a running guest does not release a disk, the volume is in neither list until the VM is stopped.
  const isKept = (volume: string) => unused.has(volume) || (status !== 'stopped' && !attached.has(volume))
  const detached = [
    ...detachedOf(marker).filter(({ volume }) => isKept(volume)),
    ...removed.flatMap((key) => {
      const volume = volumeOfDrive(config[key])
      return volume === undefined ? [] : [{ key, volume }]
    }),
  ]
  const isDeclared = all || machine.declared.has('disks')
  return {
    disks: isDeclared ? diskKeys(machine, config).slice(1).join(',') : '',
    ...(detached.length > 0 && { detached: detachedText(detached) }),
  }
}

/** Returns the marker without these volumes. */
export function withoutDetached(marker: Marker, volumes: readonly string[]): Marker {
  const { detached: _, ...rest } = marker
  const left = detachedOf(marker).filter(({ volume }) => !volumes.includes(volume))
  return left.length === 0 ? rest : { ...rest, detached: detachedText(left) }
}

/** Returns the marker of a successor whose config has the unused volumes of the old machine under the same keys. */
export function withCarriedDisks(marker: Marker, old: Guest, config: Config): Marker {
  const carried = unusedDisks(old).flatMap(({ key, was }) => {
    const volume = volumeOfDrive(config[key])
    return was === undefined || volume === undefined ? [] : [{ key: was, volume }]
  })
  return carried.length === 0 ? marker : { ...marker, detached: detachedText(carried) }
}

interface Detached {
  readonly key: string
  readonly volume: string
}

function detachedText(detached: readonly Detached[]): string {
  return detached.map(({ key, volume }) => `${key}=${volume}`).join(' ')
}

function detachedOf({ detached = '' }: Pick<Marker, 'detached'>): readonly Detached[] {
  return detached.split(' ').flatMap((entry) => {
    const at = entry.indexOf('=')
    return at < 0 ? [] : [{ key: entry.slice(0, at), volume: entry.slice(at + 1) }]
  })
}

/** A detached disk that someone attached again at the same position still belongs to the manifest. */
function ownKeys({ marker, config }: Guest): readonly string[] {
  const back = detachedOf(marker).filter(({ key, volume }) => volumeOfDrive(config[key]) === volume)
  return [...new Set([...(marker.disks ?? '').split(','), ...back.map(({ key }) => key)])]
}

function isDisk(key: string, config: Config): boolean {
  return isDriveKey(key) && config[key] !== undefined && !isCd(config[key])
}
