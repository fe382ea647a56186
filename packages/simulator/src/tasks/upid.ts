// UPIDs: the names of tasks, which clients receive.

export interface Upid {
  readonly node: string
  readonly pid: number
  /** Clock ticks since boot, only to make the name unique. */
  readonly pstart: number
  /** Seconds since 1970. */
  readonly startTime: number
  readonly type: string
  /** May be empty: the task of an upload has none. */
  readonly id: string
  /** The user or token of the task. */
  readonly user: string
}

const pattern = /^UPID:([^:\s]+):([0-9A-F]{8}):([0-9A-F]{8,9}):([0-9A-F]{8}):([^:\s]+):([^:\s]*):([^:\s]+):$/i

export function formatUpid(upid: Upid): string {
  const hex = (value: number): string => value.toString(16).toUpperCase().padStart(8, '0')
  const id = upid.id.replace(/[:\s]/g, '_')
  return `UPID:${upid.node}:${hex(upid.pid)}:${hex(upid.pstart)}:${hex(upid.startTime)}:${upid.type}:${id}:${upid.user}:`
}

export function parseUpid(text: string): Upid | undefined {
  const match = pattern.exec(text)
  if (match === null) return undefined
  const [, node = '', pid = '', pstart = '', startTime = '', type = '', id = '', user = ''] = match
  return {
    node,
    pid: Number.parseInt(pid, 16),
    pstart: Number.parseInt(pstart, 16),
    startTime: Number.parseInt(startTime, 16),
    type,
    id,
    user,
  }
}
