// Returns the behavior of one machine's guest: the general behavior, with changes for this machine.
import type { GuestBehaviour } from '../../state/guest-behaviour.ts'
import type { World } from '../../world.ts'

export function behaviourOf({ guests, guestBehaviours }: World, vmid: number): GuestBehaviour {
  return { ...guests, ...guestBehaviours.get(vmid) }
}
