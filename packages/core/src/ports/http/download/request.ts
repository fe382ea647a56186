// What the parts of one download share.
import type { DownloadRequest } from '../../world.ts'
import type { HttpContext } from '../settings.ts'
import type { HostSlots } from './host-slots.ts'
import type { Pacer } from './pacer.ts'
import type { PartialFile } from './partial-file.ts'

/** What the downloads of one process share. */
export interface Shared {
  readonly context: HttpContext
  readonly slots: HostSlots
  readonly pacerOf: (host: string) => Pacer
}

/** Without a digest the bytes are measured: then nothing but the way they come guards them. */
export interface Wanted extends Omit<DownloadRequest, 'digest'> {
  readonly digest?: DownloadRequest['digest']
}

export interface Job extends Shared {
  readonly file: PartialFile
  readonly request: Wanted
  readonly signal: AbortSignal
  /** Several connections may share the file; off once a server showed that it does not work there. */
  readonly sharing: { isPossible: boolean }
  /** How the last answer said that it was packed for the way (`Content-Encoding`), if it did. */
  readonly packed: { as?: string | undefined }
  readonly onBytes: (count: number, total: number | undefined) => void
}
