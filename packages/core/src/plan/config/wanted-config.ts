// What the makers of a machine's config speak in: Proxmox's keys, and whether a key of the manifest counts.
export type Config = Readonly<Record<string, unknown>>
/** Wanted values by key; `null`: the key should not be there. */
export type WantedConfig = Readonly<Record<string, string | number | null>>

/** Asks whether a key of the manifest counts: it is declared, or everything is to be set. */
export type Counts = (key: string) => boolean
