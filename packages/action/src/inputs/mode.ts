// What a run is asked to do.

/** The first is the default. */
export const MODES = ['apply', 'plan', 'destroy', 'adopt', 'prune', 'pin', 'validate', 'doctor'] as const
export type Mode = (typeof MODES)[number]

/** Modes that say nothing to Proxmox, and need no connection. */
export const CONTACTS_NOBODY: readonly Mode[] = ['validate', 'pin']
