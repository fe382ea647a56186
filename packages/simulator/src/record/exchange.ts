// The shape of a recording: a line of JSON for the server, and one for each request with its answer.

/** One request and its answer. */
export interface Exchange {
  /** What it was part of. */
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

/** What a simulator needs to be like the recorded server. */
export interface RecordedServer {
  readonly recording: 1
  readonly version: '8.4' | '9.2'
  readonly nodes: readonly string[]
  /** Of the cluster, where it has one. */
  readonly keyboard?: string | undefined
  readonly bridges: readonly string[]
  readonly storages: readonly {
    readonly id: string
    readonly type: string
    readonly content: readonly string[]
    readonly path?: string | undefined
    readonly shared: boolean
  }[]
  /** Whether the token is root's own, with all that root may do. */
  readonly isRoot: boolean
  /** The token's own privileges: path → privilege → whether it holds below. */
  readonly permissions: Readonly<Record<string, Readonly<Record<string, number>>>>
}
