// Types that the steps of one download share.
import type { DownloadRequest } from '../../world.ts'
import type { HttpContext } from '../settings.ts'
import type { HostSlots } from './host-slots.ts'
import type { Pacer } from './pacer.ts'
import type { PartialFile } from './partial-file.ts'

/** What all downloads of one process share. */
export interface Shared {
  readonly context: HttpContext
  readonly slots: HostSlots
  readonly pacerOf: (host: string) => Pacer
}

/** Without a digest, the bytes are only measured. Then nothing but the connection protects them. */
export interface Wanted extends Omit<DownloadRequest, 'digest'> {
  readonly digest?: DownloadRequest['digest']
}

export interface Job extends Shared {
  readonly file: PartialFile
  readonly request: Wanted
  readonly signal: AbortSignal
  /** Whether several connections may share the file. Set to false once a server shows that it does not support that. */
  readonly sharing: { isPossible: boolean }
  /** The `Content-Encoding` of the last answer, if it had one. */
  readonly packed: { as?: string | undefined }
  readonly onBytes: (count: number, total: number | undefined) => void
}
