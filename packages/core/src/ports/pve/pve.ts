// The Proxmox port: calls, tasks and uploads.

import type { Readable } from 'node:stream'

/** A storage on a node. For shared storage, any node that has access to it. */
export interface StorageRef {
  readonly node: string
  readonly storage: string
}

/** The client of the Proxmox API. */
export interface Pve {
  /**
   * Makes one untyped call. Use `api(pve)` in `api.ts` for typed calls. `path` starts after `/api2/json`, and each id
   * in it must already be checked. `isProblem`, `isLostReply` and `isLeftover` (`call/pve-problem.ts`) say what an
   * error means.
   * @throws ProvisionError `TLS` `UNREACHABLE` `AUTHENTICATION` `PERMISSION` `PVE_BUSY` `PVE` `CANCELLED`
   */
  request(method: Method, path: string, options?: RequestOptions): Promise<unknown>
  /**
   * Waits for a task on the node that its UPID names.
   * @throws ProvisionError `TASK` with the end of the task's log, also if the task logs nothing for an hour; `PVE_BUSY`
   * if it failed to get a lock; `CANCELLED` with the UPID, while the task itself continues
   */
  waitForTask(upid: string, options?: TaskOptions): Promise<TaskEnd>
  /** Uploads a file in the format that Proxmox requires and waits for its import task. Resolves with the volume id. */
  upload(file: UploadFile, options?: UploadOptions): Promise<string>
  /** The current `https://host:port`, for cache keys and messages. */
  readonly endpoint: string
  /** `user@realm!token` or `user@realm`. */
  readonly identity: string
  /** Closes the sockets, so that the process can exit. */
  close(): void
  [Symbol.dispose](): void
}

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

export interface RequestOptions {
  readonly parameters?: Readonly<Record<string, unknown>> | undefined
  readonly signal?: AbortSignal | undefined
  /** Timeout for one call without its retries. Default: 30 s for reads, 60 s for others. */
  readonly timeoutMs?: number | undefined
  /** Called before each retry, so that lanes can reduce their width. */
  readonly onRetry?: ((retry: Retry) => void) | undefined
}

export interface Retry {
  readonly reason: 'lock' | 'worker' | 'refused' | 'gateway' | 'network' | 'vanished'
  readonly attempt: number
  readonly message: string
}

export interface TaskOptions {
  readonly signal?: AbortSignal | undefined
  /** Called with the percentage of an import, clone or transfer, if the task's log contains one. */
  readonly onPercent?: ((percent: number) => void) | undefined
  /** Called once, with a sentence, if the task has logged nothing for ten minutes. */
  readonly onSilence?: ((sentence: string) => void) | undefined
}

export interface TaskEnd {
  readonly upid: string
  readonly node: string
  /** 0 for `OK`, else the number of warnings that Proxmox counted. */
  readonly warnings: number
  /** The warning lines in the log, if there are any. */
  readonly warningLines: readonly string[]
}

export interface UploadFile {
  readonly at: StorageRef
  readonly content: 'import' | 'iso'
  readonly fileName: string
  readonly sizeBytes: number
  readonly checksum: { readonly algorithm: 'sha256' | 'sha512'; readonly hex: string }
  /** Opens the file; called again for each attempt. Use chunks of 256 KiB: those of 64 KiB take twice the CPU time. */
  readonly open: () => Readable
}

export interface UploadOptions {
  readonly signal?: AbortSignal | undefined
  /** Called before the file is sent again. */
  readonly onRetry?: ((retry: Retry) => void) | undefined
  readonly onBytes?: ((sent: number) => void) | undefined
}
