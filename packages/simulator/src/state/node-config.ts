// Settings of one node, in the format of Proxmox's `/etc/pve/nodes/<node>/config` (pve-manager `NodeConfig.pm`).
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { commentOf } from './datacenter.ts'
import { writeWhole } from './files.ts'

/** Returns the values as the API does, including `digest`. Empty if nothing was ever set. */
export function readNodeConfig(root: string, node: string): ReadonlyMap<string, string> {
  const file = fileOf(root, node)
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const options = new Map<string, string>()
  let description = ''
  for (const line of text.split('\n')) {
    const [, key, value] = /^([a-z][\w-]*):\s*(.*)$/.exec(line) ?? []
    if (line.startsWith('#')) description += `${decodeURIComponent(line.slice(1))}\n`
    else if (key !== undefined) options.set(key, value ?? '')
  }
  // An empty file is treated like a missing one. Any other file has a description, which may be empty.
  if (text === '') return options
  options.set('description', description)
  options.set('digest', createHash('sha1').update(text).digest('hex'))
  return options
}

export function writeNodeConfig(root: string, node: string, options: ReadonlyMap<string, string>): void {
  const description = (options.get('description') ?? '').replace(/\n+$/, '')
  const heading = description === '' ? [] : description.split('\n').map(commentOf)
  const plain = [...options].filter(([key]) => key !== 'description' && key !== 'digest')
  const lines = [...heading, ...plain.map(([key, value]) => `${key}: ${value}`).sort()]
  const file = fileOf(root, node)
  mkdirSync(dirname(file), { recursive: true })
  writeWhole(file, lines.map((line) => `${line}\n`).join(''))
}

const fileOf = (root: string, node: string): string => join(root, 'etc/pve/nodes', node, 'config')
