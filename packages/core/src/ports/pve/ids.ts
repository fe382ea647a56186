// Which ids may enter a path of the API. The navigator of proxmox-api escapes `/` alone: `..` climbs and `#` cuts.
import { ProvisionError } from '../../errors.ts'

export type IdKind = 'node' | 'storage' | 'vmid' | 'volume' | 'pool' | 'upid'

// Proxmox's own patterns: PVE::JSONSchema (node, vmid, pool), PVE::Storage (storage, volume), PVE::UPID.
const patterns: Readonly<Record<IdKind, RegExp>> = {
  node: /^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$/,
  storage: /^[a-zA-Z][a-zA-Z0-9\-_.]*[a-zA-Z0-9]$/,
  vmid: /^[1-9][0-9]{2,8}$/,
  volume: /^[a-zA-Z][a-zA-Z0-9\-_.]*[a-zA-Z0-9]:[^\s\0#?%\\]+$/,
  pool: /^[A-Za-z0-9.\-_]+(?:\/[A-Za-z0-9.\-_]+){0,2}$/,
  upid: /^UPID:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?:[0-9A-Fa-f]{8}:[0-9A-Fa-f]{8,9}:[0-9A-Fa-f]{8}:[^:\s/]+:[^:\s/]*:[^:\s/]+:$/,
}

const nouns: Readonly<Record<IdKind, string>> = {
  node: 'the name of a node',
  storage: 'the name of a storage',
  vmid: 'a VM id (100 to 999999999)',
  volume: 'a volume id',
  pool: 'the name of a pool',
  upid: 'the id of a task',
}

/**
 * The id as text, fit for a path.
 * @throws ProvisionError `MANIFEST` when Proxmox could never have made such an id
 */
export function checkId(kind: IdKind, value: string | number): string {
  const text = String(value)
  if (patterns[kind].test(text) && !climbs(text)) return text
  throw new ProvisionError('MANIFEST', `${JSON.stringify(text)} is not ${nouns[kind]}.`, {
    details: { kind, value: text },
  })
}

/** The same as a path segment: `/`, `:`, `@` and `!` percent-encoded. */
export function pathId(kind: IdKind, value: string | number): string {
  return encodeURIComponent(checkId(kind, value))
}

/** The last gate, for every request: a path that Proxmox could read differently from us never leaves. */
export function checkPath(path: string): string {
  if (/^(?:\/(?:[A-Za-z0-9:@!._~+=,-]|%[0-9A-Fa-f]{2})+)+$/.test(path) && !climbs(decodeURIComponent(path))) return path
  throw new ProvisionError('UNEXPECTED', `${JSON.stringify(path)} is no path of the Proxmox API.`, {
    hint: 'An id was not checked before it entered the path; this is a bug in pve-provision.',
  })
}

/** `POST /nodes/pve1/qemu`, for sentences: without query, without percents. */
export function describeCall(method: string, path: string): string {
  return `${method} ${decodeURIComponent(path.replace(/\?.*$/, '').replace(/^\/api2\/json/, ''))}`
}

export interface Upid {
  readonly upid: string
  readonly node: string
  readonly startedAtMs: number
  readonly type: string
  /** Empty for some kinds: an upload's import task (`imgcopy`) has none. */
  readonly id: string
  /** `user@realm` or `user@realm!token`. */
  readonly user: string
}

/**
 * What a UPID says: `UPID:node:pid:pstart:starttime:type:id:user:`.
 * @throws ProvisionError `PVE` when the text is no UPID
 */
export function parseUpid(upid: unknown): Upid {
  const text = typeof upid === 'string' && patterns.upid.test(upid) ? upid : undefined
  const [, node, , , startTime, type, id, user] = text?.split(':') ?? []
  if (text && node && startTime && type && user) {
    return { upid: text, node, startedAtMs: Number.parseInt(startTime, 16) * 1000, type, id: id ?? '', user }
  }
  throw new ProvisionError('PVE', `Proxmox answered ${JSON.stringify(upid)} where the id of a task was due.`)
}

function climbs(text: string): boolean {
  return text.split(/[/\\]/).some((segment) => segment === '.' || segment === '..')
}

/** `Task qmcreate 100 on node pve1`, for sentences. */
export function describeTask({ type, id, node }: Upid): string {
  return `Task ${type}${id === '' ? '' : ` ${id}`} on node ${node}`
}

/** `/nodes/{node}/tasks/{upid}`: a task is known at its own node only. */
export function taskPath({ node, upid }: Upid): string {
  return `/nodes/${pathId('node', node)}/tasks/${pathId('upid', upid)}`
}
