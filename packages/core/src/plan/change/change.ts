// A change of a machine: the key of the manifest, the values, when it takes effect, and what it does to the guest.

/**
 * When a change takes effect. `now`: at once. `restart`: Proxmox keeps it pending until the machine is stopped and
 * started. `boot`: the guest reads it at its next boot.
 */
export type When = 'now' | 'restart' | 'boot'

/**
 * What else a change does to the guest. `disconnects`: a network card is removed. `new-instance`: cloud-init runs as on
 * a new machine. `data-loss`: data on disks is lost. `detached`: a disk is removed, and Proxmox keeps its data as an
 * unused disk. `full-copy`: a linked clone becomes a full copy. `replaced`: another VM replaces it.
 */
export type Impact = 'disconnects' | 'new-instance' | 'data-loss' | 'detached' | 'full-copy' | 'replaced'

/** A value as the manifest writes it: sizes with their unit, lists as lists, a secret as `(secret)`. */
export type ChangeValue = string | number | boolean | readonly string[]

/** One change of a machine: a key of the manifest, its old and new value, and when it takes effect. */
export interface Change {
  /** The key of the manifest: `memory`, `network[0].bridge`, `cloudInit.password`. */
  readonly key: string
  /** Absent if the key was not set. */
  readonly before?: ChangeValue
  /** Absent if the key is removed. */
  readonly after?: ChangeValue
  readonly when: When
  readonly impact?: Impact | undefined
  /** Why it is changed, where the values do not tell: a clause, such as `the HA manager was told to stop it`. */
  readonly reason?: string
}

/** Replaces a value that must not be displayed. */
export const SECRET = '(secret)'
