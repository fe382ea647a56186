// The world as the engine needs it: one interface a port. `create-world.ts` joins the real ones.
import type { Readable } from 'node:stream'
import type { Digest, ImageFormat } from '../manifest/manifest.ts'
import type { Pve } from './pve/pve.ts'

/** Everything outside. Dispose of it (`using world = createWorld(…)`) or the sockets to Proxmox keep the process alive. */
export interface World extends Disposable {
  readonly http: Http
  readonly pve: Pve
  readonly qemuImg: QemuImg
  readonly store: Store
  readonly journal: Journal
  readonly clock: Clock
  readonly meter: Meter
}

/** Time. Steps never look at the system's clock, so tests can own it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Resolves after `ms`; rejects with the signal's reason when it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export type Counter = 'bytesDownloaded' | 'bytesUploaded' | 'bytesSaved' | 'apiRequests' | 'cacheHits' | 'retries'

/** Counts what the ports did; the report reads it. */
export interface Meter {
  add(counter: Counter, amount: number): void
  read(): Readonly<Record<Counter, number>>
}

export interface ExecOptions {
  readonly signal?: AbortSignal
  /** Called with each line of standard output and standard error; carriage returns end a line too (progress). */
  readonly onLine?: (line: string) => void
  readonly stdin?: Readable | Uint8Array
}

/**
 * Runs a program without a shell and resolves with its standard output.
 * @throws ProvisionError `CONVERT` with the program's last words as details when it is missing or fails.
 */
export type Exec = (file: string, args: readonly string[], options?: ExecOptions) => Promise<string>

/** The vendor's side: HTTP(S) with proxies, redirects, stall time-outs and per-host limits. */
export interface Http {
  /** A small document, from the network or, after a conditional request, from the cache. */
  getDocument(url: URL, options?: DocumentOptions): Promise<HttpDocument>
  /** The first bytes and the size of a large file, by one ranged request. */
  peek(url: URL, options?: PeekOptions): Promise<Peek>
  /** A large file, verified while it arrives. */
  download(request: DownloadRequest): Promise<Downloaded>
  /** A large file of which nobody promised a digest: what came is measured. Nothing weaker than `url` says is followed. */
  measure(request: MeasureRequest): Promise<Measured>
  /**
   * A download without a disk. The last chunk is held back until the digest is known, so what reads it never gets
   * a whole file of wrong bytes: the stream is destroyed with the error instead.
   */
  stream(request: StreamRequest): Readable
}

export interface DocumentOptions {
  /** Larger answers are refused. Default 4 MiB. */
  readonly limitBytes?: number
  readonly signal?: AbortSignal
}

export interface HttpDocument {
  readonly bytes: Uint8Array
  /** Where it came from in the end, after redirects. */
  readonly url: URL
  readonly from: 'network' | 'cache'
}

export interface PeekOptions {
  readonly bytes?: number
  /** Default true; false where nothing else guards what is seen: no step from https down to http. */
  readonly mayDowngrade?: boolean
  readonly signal?: AbortSignal
}

/** What a server says of a file beside its bytes. */
export interface Validators {
  /** A strong one. */
  readonly etag?: string
  readonly lastModified?: string
}

export interface Peek extends Validators {
  readonly head: Uint8Array
  readonly sizeBytes?: number
  readonly url: URL
}

export interface DownloadRequest {
  /** Tried in this order; all promise the same bytes. */
  readonly urls: readonly URL[]
  readonly digest: Digest
  /** Known size; another one is refused before the body is read. */
  readonly expectedBytes?: number
  /** More than this is never written. Default 64 GiB. */
  readonly limitBytes?: number
  /** The private file to write; what an earlier, cut download left there is continued when validators agree. */
  readonly to: string
  readonly signal?: AbortSignal
  /** Bytes that are there so far, of how many. */
  readonly onBytes?: (done: number, total?: number) => void
  /** Reads the file while it is filled. */
  readonly follower?: Follower
}

/** Told how far a file is that somebody else fills. */
export interface Follower {
  /** So many bytes from its beginning are there, without a gap, and stay as they are. */
  grew(bytes: number): void
  /** What was there is worth nothing. */
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
  /** How many of them came over the network this time. */
  readonly fetchedBytes: number
  readonly url: URL
}

/** What qemu-img says about a file. */
export interface ImageInfo {
  readonly format: ImageFormat
  readonly virtualSizeBytes: number
  /** A clause that says why it may be no image, where nobody can tell. */
  readonly doubt?: string
}

export interface QemuImg {
  /**
   * Format and virtual size of a file, refusing what could make a host read other files
   * (backing file, external data file, VMDK descriptors) and what is cut short.
   * @throws ProvisionError `IMAGE` or `CONVERT`
   */
  inspect(path: string, options?: { readonly signal?: AbortSignal }): Promise<ImageInfo>
  /** Converts `from` into the new file `to`, sparse, and checks the result. Percent goes to `onPercent`. */
  convert(request: ConvertRequest): Promise<void>
  /** `7.2.22`; told with what was made, never part of a key: another version makes the same disk. */
  version(): Promise<string>
}

export interface ConvertRequest {
  readonly from: string
  readonly fromFormat: ImageFormat
  readonly to: string
  readonly toFormat: 'raw' | 'qcow2'
  /** A qcow2 with packed clusters (zstd). */
  readonly isPacked?: boolean | undefined
  readonly signal?: AbortSignal
  readonly onPercent?: (percent: number) => void
}

/** What is done to the vendor's bytes before they are a volume: nothing but decompression, or a conversion as well. */
export type Recipe = 'as-is' | 'raw' | 'qcow2'

/** A key of the store: bytes with a digest, or bytes made from such by a recipe (which cannot be hashed beforehand). */
export type BlobKey = Digest | `${Digest}+${string}`

export interface Blob {
  readonly key: BlobKey
  readonly path: string
  readonly bytes: number
}

/** Bytes by key in a folder that any number of processes share. Visible means whole and verified. */
export interface Store {
  find(key: BlobKey): Promise<Blob | undefined>
  /**
   * The blob, made by `write` when absent: once per key and process; `write` fills a private file, which is then
   * synced and renamed into place. The private file of a killed run is offered again, so downloads can continue.
   */
  ensure(key: BlobKey, write: (temporaryPath: string) => Promise<void>, signal?: AbortSignal): Promise<Blob>
  /** A blob whose key is known only once its bytes are there: `write` tells their digest. */
  receive(write: (temporaryPath: string) => Promise<Digest>, signal?: AbortSignal): Promise<Blob>
  /** All blobs, with their age. */
  list(): Promise<readonly (Blob & { readonly usedAtMs: number })[]>
  remove(key: BlobKey): Promise<void>
  /** Reads the blob again and compares; a wrong one is dropped. True when it is there and whole. */
  verify(key: BlobKey, options?: VerifyOptions): Promise<boolean>
}

export interface VerifyOptions {
  /** Of what a recipe made, whose key does not tell it: without one such a blob cannot be whole. */
  readonly digest?: Digest
  readonly signal?: AbortSignal
}

/** Facts as append-only hashed lines, last good line wins. Losing it costs time, never correctness. */
export interface Journal {
  recall(key: string): Promise<JournalEntry | undefined>
  record(key: string, value: unknown): Promise<void>
}

export interface JournalEntry {
  readonly value: unknown
  readonly atMs: number
}
