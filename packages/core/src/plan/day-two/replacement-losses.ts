// Tells what a replacement loses beside the boot disk, which comes from the image. Without the name of the machine,
// nothing of this may be lost.
import type { GuestFacts } from '../../facts/facts.ts'
import type { Desired, Machine } from '../../manifest/manifest.ts'
import { isCd } from '../config/device-config.ts'
import type { Config } from '../config/wanted-config.ts'
import { nameList } from '../name-list.ts'
import { isProtected, mayUnprotect } from '../preflight/protection.ts'

/**
 * Returns the keys of the data disks, which a successor takes over. The boot disk comes from the image, and CDs are
 * inserted again. Detached disks (`unused0`) contain data too.
 */
export function dataDisksOf({ config }: { readonly config: Config }): readonly string[] {
  return Object.keys(config)
    .filter((key) => /^(scsi|virtio|sata|ide|unused)\d+$/.test(key) && key !== 'scsi0' && !isCd(config[key]))
    .sort()
}

/** Returns what is lost, such as `snapshot before-upgrade`. Snapshots count only if the facts have them. */
export function replacementLosses(machine: Pick<Machine, 'vmid' | 'declared'>, guest: GuestFacts): readonly string[] {
  const { config, snapshots = [] } = guest
  const disks = dataDisksOf(guest)
  return [
    // A machine with a fixed id is destroyed before its successor exists.
    ...(machine.vmid !== undefined ? disks.map((key) => `disk ${key}`) : []),
    ...(machine.vmid !== undefined && guest.ha !== undefined && !machine.declared.has('ha') ? ['HA settings'] : []),
    ...snapshots.map(({ name }) => `snapshot ${name}`),
    ...(config.tpmstate0 === undefined ? [] : ['TPM state']),
  ]
}

/** Returns why an outdated machine is replaced only if its name is given, as a clause. */
export function reasonToName(
  machine: Machine,
  guest: GuestFacts,
  desired: Pick<Desired, 'machines'>,
): string | undefined {
  if (isProtected(guest) && !mayUnprotect(machine.name, desired)) return 'it is protected'
  // The TPM state belongs to the boot disk, unless disks that stay are encrypted with it.
  const isTied = dataDisksOf(guest).length > 0
  const losses = replacementLosses(machine, guest).filter((loss) => isTied || loss !== 'TPM state')
  return losses.length === 0 ? undefined : `its ${nameList(losses)} would be lost`
}
