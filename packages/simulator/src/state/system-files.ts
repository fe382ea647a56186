// Files of a node's own system: `/etc/hosts`, `/etc/resolv.conf` and `/etc/timezone`. A fresh node has those of an installation.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeWhole } from './files.ts'

export type SystemFileName = 'hosts' | 'resolv.conf' | 'timezone'

export interface NodePlace {
  readonly root: string
  readonly node: string
  /** Of the node, for its hosts file. */
  readonly address?: string
}

const fileOf = ({ root, node }: NodePlace, name: SystemFileName): string => join(root, 'nodes', node, 'etc', name)

const installed: Readonly<Record<SystemFileName, (place: NodePlace) => string>> = {
  hosts: ({ node, address = '127.0.1.1' }) =>
    `127.0.0.1 localhost.localdomain localhost\n${address} ${node}.example.net ${node}\n`,
  'resolv.conf': () => 'search example.net\nnameserver 10.99.0.1\n',
  timezone: () => 'UTC\n',
}

export function readSystemFile(place: NodePlace, name: SystemFileName): string {
  const file = fileOf(place, name)
  return existsSync(file) ? readFileSync(file, 'utf8') : installed[name](place)
}

/** Search domain and name servers, up to three (pve-common `INotify.pm:read_etc_resolv_conf`). */
export function readResolver(place: NodePlace): Readonly<Record<string, string>> {
  const lines = readSystemFile(place, 'resolv.conf').split('\n')
  const search = lines.map((line) => /^(?:search|domain)\s+(\S+)/.exec(line)?.[1]).findLast(Boolean)
  const servers = lines.map((line) => /^\s*nameserver\s+(\S+)/.exec(line)?.[1]).filter((one) => one !== undefined)
  return {
    ...(search !== undefined && { search }),
    ...Object.fromEntries(servers.slice(0, 3).map((server, index) => [`dns${index + 1}`, server])),
  }
}

export function writeSystemFile(place: NodePlace, name: SystemFileName, text: string): void {
  writeWhole(fileOf(place, name), text)
}
