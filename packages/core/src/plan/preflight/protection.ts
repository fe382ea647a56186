// Protected VMs. Proxmox does not remove them, and this program does so only if the manifest removes the protection.
import { ProvisionError } from '../../errors.ts'
import type { GuestFacts } from '../../facts/facts.ts'
import type { Desired } from '../../manifest/manifest.ts'
import { textOf } from '../config/property-string.ts'

type Guest = Pick<GuestFacts, 'vmid' | 'config'>

export function isProtected({ config }: Guest): boolean {
  return config.protection === 1 || config.protection === '1'
}

/** Returns true if the manifest sets that the machine is not protected. An absent key is not enough. */
export function mayUnprotect(name: string, { machines }: Pick<Desired, 'machines'>): boolean {
  const machine = machines.find((entry) => entry.name === name)
  return machine?.declared.has('protection') === true && !machine.protection
}

export function protectedError({ vmid, config }: Guest): ProvisionError {
  return new ProvisionError('CONFLICT', `${textOf(config.name)} (${vmid}) is protected.`, {
    hint: 'Set `protection: false` in the manifest, then try again.',
    details: { vmid },
  })
}
