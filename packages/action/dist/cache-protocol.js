// src/cache/cache-protocol.ts
/** First argument of the child process. */
const CHILD_ARGUMENT = "exchange-with-the-workflow-cache";
/** Name of the only file in each cache entry. It determines the version of the entry, so never change it. */
const ENTRY_FILE = "pve-provision-entry";

export { ENTRY_FILE as n, CHILD_ARGUMENT as t };