// Settings of the whole cluster, stored in Proxmox's own `datacenter.cfg`.
import { existsSync, readFileSync } from 'node:fs'
import { writeWhole } from './files.ts'

/** The default prefix of generated MAC addresses. */
export const defaultMacPrefix = 'BC:24:11'

export interface Datacenter {
  /** As in the file: property strings. `description` is the comment at its top. */
  readonly options: Map<string, string>
  readonly macPrefix: string
  save(): void
}

export function openDatacenter(file: string): Datacenter {
  const options = existsSync(file) ? readOptions(readFileSync(file, 'utf8')) : new Map([['keyboard', 'en-us']])
  return {
    options,
    get macPrefix() {
      return options.get('mac_prefix') ?? defaultMacPrefix
    },
    save: () => {
      replaceOldMigration(options)
      if (options.get('mac_prefix')?.toUpperCase() === defaultMacPrefix) options.delete('mac_prefix')
      writeWhole(file, formatOptions(options))
    },
  }
}

/** The old option is written as the new one, unless both are set. */
function replaceOldMigration(options: Map<string, string>): void {
  const old = options.get('migration_unsecure')
  if (old === undefined || options.has('migration')) return
  options.delete('migration_unsecure')
  options.set('migration', `type=${old === '1' ? 'insecure' : 'secure'}`)
}

function readOptions(text: string): Map<string, string> {
  const options = new Map<string, string>()
  const description: string[] = []
  for (const line of text.split('\n')) {
    const [, key, value] = /^([a-z][\w-]*):\s*(.*)$/.exec(line) ?? []
    if (line.startsWith('#')) description.push(decodeURIComponent(line.slice(1)))
    else if (key !== undefined) options.set(key, value ?? '')
  }
  if (description.length > 0) options.set('description', description.join('\n'))
  return options
}

function formatOptions(options: ReadonlyMap<string, string>): string {
  const description = options.get('description') ?? ''
  const heading = description === '' ? [] : description.trimEnd().split('\n').map(commentOf)
  const lines = [...options].filter(([key]) => key !== 'description').map(([key, value]) => `${key}: ${value}`)
  return [...heading, '', ...lines.sort(), ''].join('\n')
}

/** Formats a line of a description as a comment at the start of a configuration file. */
export const commentOf = (line: string): string =>
  `#${line.replace(/[\p{Cc}%:]|\P{ASCII}/gu, (character) => encodeURIComponent(character))}`
