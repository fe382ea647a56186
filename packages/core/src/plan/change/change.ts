// A change of a machine: which key of the manifest, from what to what, when it takes effect and what it does to the guest.

/**
 * When a change takes effect. `now`: at once. `restart`: Proxmox keeps it pending until the machine is stopped and
 * started. `boot`: the guest reads it at its next boot.
 */
export type When = 'now' | 'restart' | 'boot'

/**
 * What a change does to the guest, where that is more than the change itself. `disconnects`: a network card is taken
 * away. `new-instance`: cloud-init runs as on a new machine. `data-loss`: what is on its disks is lost. `replaced`:
 * another machine takes its place.
 */
export type Impact = 'disconnects' | 'new-instance' | 'data-loss' | 'replaced'

/** As the manifest writes it: sizes with their unit, lists as lists; a secret as `(secret)`. */
export type ChangeValue = string | number | boolean | readonly string[]

export interface Change {
  /** The key of the manifest: `memory`, `network[0].bridge`, `cloudInit.password`. */
  readonly key: string
  /** Absent: it was not set. */
  readonly before?: ChangeValue
  /** Absent: it is taken away. */
  readonly after?: ChangeValue
  readonly when: When
  readonly impact?: Impact | undefined
}

/** What stands in place of a value that nobody is to see. */
export const SECRET = '(secret)'
