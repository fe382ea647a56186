// A typed navigator for the Proxmox API. It combines the types of `proxmox-api` with those of Proxmox VE 9 and sends
// calls through `Pve.request`.
//
// This file and its imports stay out of the public types: `Pve` has only `request`. The engine calls `api(pve, { signal
// }).nodes.$(node).qemu.$(vmid).config.$get()`.
import { type Proxmox, proxmoxApi } from 'proxmox-api'
import type { ApiOf9, QemuConfigParameters } from './api-types.ts'
import { checkId, type IdKind } from './ids.ts'
import type { Method, Pve, RequestOptions } from './pve.ts'

export type { Flag, QemuConfigParameters } from './api-types.ts'

type Verb = '$get' | '$post' | '$put' | '$delete'

/** Merges two route trees. A call of the second tree replaces the same call of the first. */
type Merged<First, Second> = {
  readonly [Key in keyof First | keyof Second]: Key extends keyof Second
    ? Key extends keyof First
      ? Key extends Verb
        ? Second[Key]
        : MergedRoute<First[Key], Second[Key]>
      : Second[Key]
    : Key extends keyof First
      ? First[Key]
      : never
}

type MergedRoute<First, Second> = [First, Second] extends [
  // biome-ignore lint/suspicious/noExplicitAny: only the result of this function type is used, not its parameters
  (...id: any[]) => infer FirstChild,
  // biome-ignore lint/suspicious/noExplicitAny: as above
  (...id: any[]) => infer SecondChild,
]
  ? (id: string | number) => Merged<FirstChild, SecondChild>
  : Merged<First, Second>

/** All routes of Proxmox. Trap: every property is a path, even `then`, so a navigator must never be awaited. */
export type PveApi = Merged<Proxmox.Api, ApiOf9>

export type CallOptions = Omit<RequestOptions, 'parameters'>

/**
 * Returns a navigator that makes calls with these options. Ids are checked before they become part of a path.
 * @throws (each call) as `Pve.request`; `MANIFEST` for an id that Proxmox cannot have created
 */
export function api(pve: Pick<Pve, 'request'>, options: CallOptions = {}): PveApi {
  const doRequest = async (
    verb: string,
    path: string,
    template: string,
    parameters?: Readonly<Record<string, unknown>>,
  ) => {
    const route = checkedPath(path.slice(ROOT.length), template.slice(ROOT.length))
    return pve.request(verb.toUpperCase() as Method, route, { ...options, parameters })
  }
  return proxmoxApi({ doRequest }) as unknown as PveApi
}

/** The prefix that `proxmox-api` puts before each path. */
const ROOT = '/api2/json'

/** The kind of an id, by the path segment before it. */
const KINDS: Readonly<Record<string, IdKind>> = {
  nodes: 'node',
  qemu: 'vmid',
  lxc: 'vmid',
  storage: 'storage',
  content: 'volume',
  tasks: 'upid',
  pools: 'pool',
}

/** Checks the ids in a path. The navigator escapes only `/`, so `#` would cut the path and `..` would leave it. */
function checkedPath(path: string, template: string): string {
  const names = template.split('/')
  return path
    .split('/')
    .map((segment, index) => {
      if (names[index] !== '*') return segment
      const id = segment.replaceAll('%2F', '/')
      const kind = KINDS[names[index - 1] ?? '']
      return encodeURIComponent(kind === undefined ? id : checkId(kind, id))
    })
    .join('/')
}

/** A config key of a VM, such as `memory` or `net0`. */
export type ConfigKey = keyof QemuConfigParameters

/** The key of a disk, as `resize` takes it. */
export type DiskKey = Parameters<ReturnType<ReturnType<PveApi['nodes']['$']>['qemu']['$']>['resize']['$put']>[0]['disk']

/** Types config keys that were computed one by one as call parameters. Proxmox also accepts numbers as text. */
export function configParameters(config: Readonly<Record<string, string | number>>): QemuConfigParameters {
  return config as QemuConfigParameters
}
