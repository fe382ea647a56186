// The Proxmox port: calls, tasks and uploads.

import type { Readable } from 'node:stream'

/** A storage on a node; for shared storages any node that sees it. */
export interface StorageRef {
  readonly node: string
  readonly storage: string
}

export interface Pve {
  /**
   * One call, untyped; `api(pve)` in `api.ts` is the typed way. `path` starts after `/api2/json`, each id already checked.
   * What an error means is asked with `isProblem`, `isLostReply` and `isLeftover` (`call/pve-problem.ts`).
   * @throws ProvisionError `TLS` `UNREACHABLE` `AUTHENTICATION` `PERMISSION` `PVE_BUSY` `PVE` `CANCELLED`
   */
  request(method: Method, path: string, options?: RequestOptions): Promise<unknown>
  /**
   * Waits for a task at the node its UPID names.
   * @throws ProvisionError `TASK` with the end of the task's log or when it says nothing for an hour, `PVE_BUSY` when it failed for a lock, or `CANCELLED`
   * naming the UPID, which goes on
   */
  waitForTask(upid: string, options?: TaskOptions): Promise<TaskEnd>
  /** Sends a file as Proxmox's server needs it and waits for its import task; resolves with the volume id. */
  upload(file: UploadFile, options?: UploadOptions): Promise<string>
  /** `https://host:port` in use, for keys of caches and messages. */
  readonly endpoint: string
  /** `user@realm!token` or `user@realm`. */
  readonly identity: string
  /** Frees the sockets, so that the process can end. */
  close(): void
  [Symbol.dispose](): void
}

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

export interface RequestOptions {
  readonly parameters?: Readonly<Record<string, unknown>> | undefined
  readonly signal?: AbortSignal | undefined
  /** The whole call, repeats aside. Default 30 s for reads, 60 s for the others. */
  readonly timeoutMs?: number | undefined
  /** Called before each repeat, so that lanes can make room. */
  readonly onRetry?: ((retry: Retry) => void) | undefined
}

export interface Retry {
  readonly reason: 'lock' | 'worker' | 'refused' | 'gateway' | 'network' | 'vanished'
  readonly attempt: number
  readonly message: string
}

export interface TaskOptions {
  readonly signal?: AbortSignal | undefined
  /** Percent of an import, clone or transfer, when the task's log tells one. */
  readonly onPercent?: ((percent: number) => void) | undefined
  /** Told once, as a sentence, when the task has been running without a word for ten minutes. */
  readonly onSilence?: ((sentence: string) => void) | undefined
}

export interface TaskEnd {
  readonly upid: string
  readonly node: string
  /** `OK`, or how many warnings Proxmox counted. */
  readonly warnings: number
  /** The warning lines of the log, when there were any. */
  readonly warningLines: readonly string[]
}

export interface UploadFile {
  readonly at: StorageRef
  readonly content: 'import' | 'iso'
  readonly fileName: string
  readonly sizeBytes: number
  readonly checksum: { readonly algorithm: 'sha256' | 'sha512'; readonly hex: string }
  /** Opened again for each attempt. Chunks of 256 KiB serve best; those of 64 KiB cost twice the CPU. */
  readonly open: () => Readable
}

export interface UploadOptions {
  readonly signal?: AbortSignal | undefined
  /** Called before the file is sent once more. */
  readonly onRetry?: ((retry: Retry) => void) | undefined
  readonly onBytes?: ((sent: number) => void) | undefined
}
