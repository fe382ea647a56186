// The format of a recording: a line of JSON for the server, then one for each request with its answer.

/** One request and its answer. */
export interface Exchange {
  /** The flow that it belongs to. */
  readonly flow?: string
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
  readonly status: number
  readonly reason: string
  readonly response_headers: Readonly<Record<string, string>>
  readonly response: unknown
  readonly seconds: number
}

/** What a simulator needs to behave like the recorded server. */
export interface RecordedServer {
  readonly recording: 1
  readonly version: '8.4' | '9.2'
  readonly nodes: readonly string[]
  /** The cluster's keyboard setting, if it has one. */
  readonly keyboard?: string | undefined
  readonly bridges: readonly string[]
  readonly storages: readonly {
    readonly id: string
    readonly type: string
    readonly content: readonly string[]
    readonly path?: string | undefined
    readonly shared: boolean
  }[]
  /** True if the token is root's own, with all of root's privileges. */
  readonly isRoot: boolean
  /** The token's own privileges: path → privilege → whether it propagates. */
  readonly permissions: Readonly<Record<string, Readonly<Record<string, number>>>>
}
