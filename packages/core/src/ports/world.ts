// The interfaces of all ports: everything outside the engine. `create-world.ts` creates the real ones.
import type { Readable } from 'node:stream'
import type { Digest, ImageFormat } from '../manifest/manifest.ts'
import type { Pve } from './pve/pve.ts'

/** All ports. Dispose of it (`using world = createWorld(…)`), or the sockets to Proxmox keep the process alive. */
export interface World extends Disposable {
  readonly http: Http
  readonly pve: Pve
  readonly qemuImg: QemuImg
  readonly store: Store
  readonly journal: Journal
  readonly clock: Clock
  readonly meter: Meter
}

/** The clock. The engine uses it instead of the system clock, so that tests can control time. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Resolves after `ms`. Rejects with the signal's reason when it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** The names of the counters in `Metrics`. */
export type Counter = 'bytesDownloaded' | 'bytesUploaded' | 'bytesSaved' | 'apiRequests' | 'cacheHits' | 'retries'

/** Counts what the ports did, for the report. */
export interface Meter {
  add(counter: Counter, amount: number): void
  read(): Readonly<Record<Counter, number>>
}

export interface ExecOptions {
  readonly signal?: AbortSignal
  /** Called with each line of standard output and standard error. A carriage return also ends a line (progress). */
  readonly onLine?: (line: string) => void
  readonly stdin?: Readable | Uint8Array
}

/**
 * Runs a program without a shell and resolves with its standard output.
 * @throws ProvisionError `CONVERT` if the program is missing or fails, with its last output in the details
 */
export type Exec = (file: string, args: readonly string[], options?: ExecOptions) => Promise<string>

/** The HTTP(S) client for vendors, with proxies, redirects, stall timeouts and limits for each host. */
export interface Http {
  /** Fetches a small document: from the network or, if a conditional request shows no change, from the cache. */
  getDocument(url: URL, options?: DocumentOptions): Promise<HttpDocument>
  /** Fetches the first bytes and the size of a large file with one range request. */
  peek(url: URL, options?: PeekOptions): Promise<Peek>
  /** Downloads a large file and verifies it as it arrives. */
  download(request: DownloadRequest): Promise<Downloaded>
  /** Downloads a large file without a known digest and returns its digest. It never redirects from https to http. */
  measure(request: MeasureRequest): Promise<Measured>
  /**
   * Downloads a large file as a stream, without the disk. The last chunk is held back until the digest is verified, so
   * the reader never gets a complete file of wrong bytes: the stream fails instead.
   */
  stream(request: StreamRequest): Readable
}

export interface DocumentOptions {
  /** Larger answers are refused. Default: 4 MiB. */
  readonly limitBytes?: number
  readonly signal?: AbortSignal
}

export interface HttpDocument {
  readonly bytes: Uint8Array
  /** The final address, after redirects. */
  readonly url: URL
  readonly from: 'network' | 'cache'
}

export interface PeekOptions {
  readonly bytes?: number
  /**
   * Whether to follow a redirect from https to http. Default: true. Set it to false if nothing else protects the bytes.
   */
  readonly mayDowngrade?: boolean
  readonly signal?: AbortSignal
}

/** What a server says about a file besides its bytes. */
export interface Validators {
  /** A strong ETag. */
  readonly etag?: string
  readonly lastModified?: string
}

export interface Peek extends Validators {
  readonly head: Uint8Array
  readonly sizeBytes?: number
  readonly url: URL
}

export interface DownloadRequest {
  /** Tried in this order. All must serve the same bytes. */
  readonly urls: readonly URL[]
  readonly digest: Digest
  /** The known size. Another size is refused before the body is read. */
  readonly expectedBytes?: number
  /** Limit for the size of the file. Default: 64 GiB. */
  readonly limitBytes?: number
  /** The private file to write. What an interrupted download left there is continued if the validators match. */
  readonly to: string
  readonly signal?: AbortSignal
  /** Called with the number of bytes so far and the total, if known. */
  readonly onBytes?: (done: number, total?: number) => void
  /** Follows the progress of the file, to read it while it is being written. */
  readonly follower?: Follower
}

/** Receives the progress of a file that another function writes. */
export interface Follower {
  /** The first `bytes` bytes are there, without a gap, and will not change. */
  grew(bytes: number): void
  /** The download starts over. All bytes so far are invalid. */
  beganAnew(): void
}

export interface MeasureRequest extends Pick<DownloadRequest, 'limitBytes' | 'signal' | 'onBytes'> {
  readonly url: URL
  /** The private, empty file to write. */
  readonly to: string
}

export interface Measured extends Validators {
  readonly digest: Digest
  readonly bytes: number
}

export interface StreamRequest extends Pick<DownloadRequest, 'urls' | 'digest' | 'signal' | 'onBytes'> {
  readonly expectedBytes: number
}

export interface Downloaded {
  readonly bytes: number
  /** How many of the bytes came over the network this time. */
  readonly fetchedBytes: number
  readonly url: URL
}

/** What qemu-img reports about a file. */
export interface ImageInfo {
  readonly format: ImageFormat
  readonly virtualSizeBytes: number
  /** A clause that says why this may not be an image, if the bytes do not settle it. */
  readonly doubt?: string
}

/** The program `qemu-img`. */
export interface QemuImg {
  /**
   * Returns format and virtual size of a file. Refuses truncated files, and files that could make a host read other
   * files (backing file, external data file, VMDK descriptor).
   * @throws ProvisionError `IMAGE` or `CONVERT`
   */
  inspect(path: string, options?: { readonly signal?: AbortSignal }): Promise<ImageInfo>
  /** Converts `from` into the new, sparse file `to` and checks the result. `onPercent` receives the progress. */
  convert(request: ConvertRequest): Promise<void>
  /** `7.2.22`. Reported with the result, but not part of a key, because another version creates the same disk. */
  version(): Promise<string>
}

export interface ConvertRequest {
  readonly from: string
  readonly fromFormat: ImageFormat
  readonly to: string
  readonly toFormat: 'raw' | 'qcow2'
  /** True for a qcow2 with compressed clusters (zstd). */
  readonly isPacked?: boolean | undefined
  readonly signal?: AbortSignal
  readonly onPercent?: (percent: number) => void
}

/** What happens to the vendor's bytes before they become a volume: only decompression, or also a conversion. */
export type Recipe = 'as-is' | 'raw' | 'qcow2'

/**
 * A key in the store: a digest, or a digest plus the recipe that was applied (whose result cannot be hashed
 * beforehand).
 */
export type BlobKey = Digest | `${Digest}+${string}`

export interface Blob {
  readonly key: BlobKey
  readonly path: string
  readonly bytes: number
}

/** Stores blobs by key in a folder that several processes share. A visible blob is complete and verified. */
export interface Store {
  find(key: BlobKey): Promise<Blob | undefined>
  /**
   * Returns the blob, and creates it with `write` if it is absent, once for each key and process. `write` fills a
   * private file, which is then synced and renamed. A killed run's private file is offered again, so that downloads can
   * continue.
   */
  ensure(key: BlobKey, write: (temporaryPath: string) => Promise<void>, signal?: AbortSignal): Promise<Blob>
  /** Stores a blob whose key is not known in advance. `write` returns the digest. */
  receive(write: (temporaryPath: string) => Promise<Digest>, signal?: AbortSignal): Promise<Blob>
  /** Lists all blobs with their time of last use. */
  list(): Promise<readonly (Blob & { readonly usedAtMs: number })[]>
  remove(key: BlobKey): Promise<void>
  /**
   * Reads the blob and checks its digest. A damaged blob is removed. Resolves with true if it is there and complete.
   */
  verify(key: BlobKey, options?: VerifyOptions): Promise<boolean>
}

export interface VerifyOptions {
  /**
   * Expected digest of a blob that a recipe made, because its key does not contain it. Without it, such a blob fails.
   */
  readonly digest?: Digest
  readonly signal?: AbortSignal
}

/** Stores facts as append-only hashed lines; the last valid one wins. Losing it costs time, never correctness. */
export interface Journal {
  recall(key: string): Promise<JournalEntry | undefined>
  record(key: string, value: unknown): Promise<void>
}

export interface JournalEntry {
  readonly value: unknown
  readonly atMs: number
}
