// Proxmox's API as a typed navigator: the one of `proxmox-api` over our own engine, with the types of Proxmox VE 9.
//
// This file and what it imports stay out of the public types: `Pve` knows `request` alone, and code of the engine says
// `api(pve, { signal }).nodes.$(node).qemu.$(vmid).config.$get()`.
import { type Proxmox, proxmoxApi } from 'proxmox-api'
import type { ApiOf9, QemuConfigParameters } from './api-types.ts'
import { checkId, type IdKind } from './ids.ts'
import type { Method, Pve, RequestOptions } from './pve.ts'

export type { Flag, QemuConfigParameters } from './api-types.ts'

type Verb = '$get' | '$post' | '$put' | '$delete'

/** Two trees of routes as one: a call of the second replaces that of the first. */
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
  // biome-ignore lint/suspicious/noExplicitAny: the parameter of a function type that only its result is read of
  (...id: any[]) => infer FirstChild,
  // biome-ignore lint/suspicious/noExplicitAny: likewise
  (...id: any[]) => infer SecondChild,
]
  ? (id: string | number) => Merged<FirstChild, SecondChild>
  : Merged<First, Second>

/** Every route of Proxmox. Trap: each property is a path, `then` too, so a navigator must never cross an `await`. */
export type PveApi = Merged<Proxmox.Api, ApiOf9>

export type CallOptions = Omit<RequestOptions, 'parameters'>

/**
 * The navigator, for calls with these options. Ids are checked before they enter a path.
 * @throws (each call) as `Pve.request`; `MANIFEST` for an id that Proxmox could never have made
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

/** What `proxmox-api` puts before each path. */
const ROOT = '/api2/json'

/** What an id is, by the segment before it. */
const KINDS: Readonly<Record<string, IdKind>> = {
  nodes: 'node',
  qemu: 'vmid',
  lxc: 'vmid',
  storage: 'storage',
  content: 'volume',
  tasks: 'upid',
  pools: 'pool',
}

/** The navigator writes `/` in an id as `%2F` and everything else as it is: `#` would cut the path and `..` climb. */
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

/** A key of a machine's config, such as `memory` or `net0`. */
export type ConfigKey = keyof QemuConfigParameters

/** A disk's key, as `resize` takes it. */
export type DiskKey = Parameters<ReturnType<ReturnType<PveApi['nodes']['$']>['qemu']['$']>['resize']['$put']>[0]['disk']

/** Config keys that were worked out one by one, as the parameters of a call. Proxmox takes numbers as text, too. */
export function configParameters(config: Readonly<Record<string, string | number>>): QemuConfigParameters {
  return config as QemuConfigParameters
}
