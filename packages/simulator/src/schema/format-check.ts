// The check of one format.
import type { ProxmoxVersion } from './rules.ts'

/** Returns `undefined` for a valid text, else Proxmox's sentence with its newline. */
export type FormatCheck = (text: string, version: ProxmoxVersion) => string | undefined
