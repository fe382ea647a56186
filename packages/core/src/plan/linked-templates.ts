// Finds guests that share the disk of a template. They must be removed before the template.
import type { GuestFacts } from '../facts/facts.ts'

/** Returns true if a drive of the guest is a linked clone. qemu-server writes the base into the volume name. */
export function isLinkedTo({ config, vmid }: GuestFacts, template: GuestFacts): boolean {
  const base = new RegExp(`[:/]base-${template.vmid}-disk-\\d+[^/]*/`)
  const drives = Object.entries(config).filter(([key]) => /^(scsi|virtio|sata|ide|efidisk|tpmstate)\d+$/.test(key))
  return vmid !== template.vmid && drives.some(([, drive]) => typeof drive === 'string' && base.test(drive))
}

/** Returns the unused templates that can be removed: those without a linked clone that stays. */
export function removableTemplates(
  unused: readonly GuestFacts[],
  guests: readonly GuestFacts[],
): readonly GuestFacts[] {
  const going = new Set(unused)
  const isHeld = (template: GuestFacts) => guests.some((guest) => !going.has(guest) && isLinkedTo(guest, template))
  for (let held = unused.filter(isHeld); held.length > 0; held = [...going].filter(isHeld))
    for (const template of held) going.delete(template)
  return [...going]
}
