// What the run and its child process say to each other about one cache entry.

/** First argument of the child process. */
export const CHILD_ARGUMENT = 'exchange-with-the-workflow-cache'

/** Name of the one file in every entry of ours. It is part of the entry's version, so it never changes. */
export const ENTRY_FILE = 'pve-provision-entry'

export interface Exchange {
  readonly action: 'restore' | 'save'
  readonly key: string
  /** Beginnings of keys that will do as well; the newest such entry is taken. */
  readonly restoreKeys: readonly string[]
}

/** Restore: the key of the entry that was found. Save: whether it was. */
export type ExchangeAnswer =
  | { readonly action: 'restore'; readonly key?: string }
  | { readonly action: 'save'; readonly saved: boolean }
  | { readonly action: 'fail'; readonly message: string }
