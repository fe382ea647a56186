// The messages between the run and its child process about one cache entry.

/** First argument of the child process. */
export const CHILD_ARGUMENT = 'exchange-with-the-workflow-cache'

/** Name of the only file in each cache entry. It determines the version of the entry, so never change it. */
export const ENTRY_FILE = 'pve-provision-entry'

export interface Exchange {
  readonly action: 'restore' | 'save'
  readonly key: string
  /** Key prefixes that are also accepted. The newest matching entry is used. */
  readonly restoreKeys: readonly string[]
}

/** Restore: the key of the entry that was found. Save: true if the entry was saved. */
export type ExchangeAnswer =
  | { readonly action: 'restore'; readonly key?: string }
  | { readonly action: 'save'; readonly saved: boolean }
  | { readonly action: 'fail'; readonly message: string }
