// Shared types for building a machine's config: Proxmox's keys, and whether a key of the manifest counts.
export type Config = Readonly<Record<string, unknown>>
/** Wanted values by key. `null` means that the key should not exist. */
export type WantedConfig = Readonly<Record<string, string | number | null>>

/** Returns true if a key of the manifest counts, because it is stated or because everything is set. */
export type Counts = (key: string) => boolean
