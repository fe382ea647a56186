// Checks ids before they become part of an API path. The navigator of proxmox-api escapes only `/`, not `..` or `#`.
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
 * Returns the id as text that is safe in a path.
 * @throws ProvisionError `MANIFEST` if Proxmox cannot have created such an id
 */
export function checkId(kind: IdKind, value: string | number): string {
  const text = String(value)
  if (patterns[kind].test(text) && !climbs(text)) return text
  throw new ProvisionError('MANIFEST', `${JSON.stringify(text)} is not ${nouns[kind]}.`, {
    details: { kind, value: text },
  })
}

/** Like `checkId`, encoded as a path segment: `/`, `:`, `@` and `!` are percent-encoded. */
export function pathId(kind: IdKind, value: string | number): string {
  return encodeURIComponent(checkId(kind, value))
}

/** The last check of every request. It refuses paths that Proxmox could interpret differently. */
export function checkPath(path: string): string {
  if (/^(?:\/(?:[A-Za-z0-9:@!._~+=,-]|%[0-9A-Fa-f]{2})+)+$/.test(path) && !climbs(decodeURIComponent(path))) return path
  throw new ProvisionError('UNEXPECTED', `${JSON.stringify(path)} is not a path of the Proxmox API.`, {
    hint: 'An ID was not checked before it was used in a path; this is a bug in pve-provision.',
  })
}

/** Formats a call for messages, such as `POST /nodes/pve1/qemu`: without the query, percent-decoded. */
export function describeCall(method: string, path: string): string {
  return `${method} ${decodeURIComponent(path.replace(/\?.*$/, '').replace(/^\/api2\/json/, ''))}`
}

export interface Upid {
  readonly upid: string
  readonly node: string
  readonly startedAtMs: number
  readonly type: string
  /** Empty for some types: the import task of an upload (`imgcopy`) has none. */
  readonly id: string
  /** `user@realm` or `user@realm!token`. */
  readonly user: string
}

/**
 * Parses a UPID: `UPID:node:pid:pstart:starttime:type:id:user:`.
 * @throws ProvisionError `PVE` if the text is not a UPID
 */
export function parseUpid(upid: unknown): Upid {
  const text = typeof upid === 'string' && patterns.upid.test(upid) ? upid : undefined
  const [, node, , , startTime, type, id, user] = text?.split(':') ?? []
  if (text && node && startTime && type && user) {
    return { upid: text, node, startedAtMs: Number.parseInt(startTime, 16) * 1000, type, id: id ?? '', user }
  }
  // Another server at this address may have echoed the request, so its answer is not quoted.
  throw new ProvisionError('PVE', 'Proxmox did not answer with the ID of a task.')
}

function climbs(text: string): boolean {
  return text.split(/[/\\]/).some((segment) => segment === '.' || segment === '..')
}

/** Formats a task for messages, such as `Task qmcreate 100 on node pve1`. */
export function describeTask({ type, id, node }: Upid): string {
  return `Task ${type}${id === '' ? '' : ` ${id}`} on node ${node}`
}

/** Returns `/nodes/{node}/tasks/{upid}`. Only its own node knows a task. */
export function taskPath({ node, upid }: Upid): string {
  return `/nodes/${pathId('node', node)}/tasks/${pathId('upid', upid)}`
}
