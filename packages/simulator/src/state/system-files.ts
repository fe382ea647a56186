// Files of a node's own system: `/etc/hosts`, `/etc/resolv.conf` and `/etc/timezone`. A fresh node has those of an installation.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeWhole } from './files.ts'

export type SystemFileName = 'hosts' | 'resolv.conf' | 'timezone'

export interface NodePlace {
  readonly root: string
  readonly node: string
  readonly address: string
}

const fileOf = ({ root, node }: NodePlace, name: SystemFileName): string => join(root, 'nodes', node, 'etc', name)

const installed: Readonly<Record<SystemFileName, (place: NodePlace) => string>> = {
  hosts: ({ node, address }) => `127.0.0.1 localhost.localdomain localhost\n${address} ${node}.example.net ${node}\n`,
  'resolv.conf': () => 'search example.net\nnameserver 10.99.0.1\n',
  timezone: () => 'UTC\n',
}

export function readSystemFile(place: NodePlace, name: SystemFileName): string {
  const file = fileOf(place, name)
  return existsSync(file) ? readFileSync(file, 'utf8') : installed[name](place)
}

export function writeSystemFile(place: NodePlace, name: SystemFileName, text: string): void {
  writeWhole(fileOf(place, name), text)
}
