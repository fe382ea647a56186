// Proxmox does not remove a protected machine, and neither do we, unless the manifest itself takes the protection off.
import { ProvisionError } from '../../errors.ts'
import type { GuestFacts } from '../../facts/facts.ts'
import type { Desired } from '../../manifest/manifest.ts'
import { textOf } from '../config/property-string.ts'

type Guest = Pick<GuestFacts, 'vmid' | 'config'>

export function isProtected({ config }: Guest): boolean {
  return config.protection === 1 || config.protection === '1'
}

/** Whether the manifest says of the machine that it is not protected: silence does not. */
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
