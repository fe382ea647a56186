// How one machine's guest behaves: as all do, but for what was told of it.
import type { GuestBehaviour } from '../../state/guest-behaviour.ts'
import type { World } from '../../world.ts'

export function behaviourOf({ guests, guestBehaviours }: World, vmid: number): GuestBehaviour {
  return { ...guests, ...guestBehaviours.get(vmid) }
}
