// The modes of the action.

/** The first one is the default. */
export const MODES = ['apply', 'plan', 'destroy', 'adopt', 'prune', 'pin', 'validate', 'doctor'] as const
export type Mode = (typeof MODES)[number]

/** Modes that do not use Proxmox and need no connection. */
export const CONTACTS_NOBODY: readonly Mode[] = ['validate', 'pin']
