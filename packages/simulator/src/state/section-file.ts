// Files of sections, such as `status.cfg`: `type: id` and indented settings (pve-common `PVE/SectionConfig.pm`).
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeWhole } from './files.ts'

export interface Section {
  readonly type: string
  readonly settings: Map<string, string>
}

export interface SectionFile {
  readonly sections: Map<string, Section>
  /** SHA-1 of the file. */
  digest(): string
  save(): void
}

const files = {
  metrics: 'status.cfg',
  jobs: 'jobs.cfg',
  replication: 'replication.cfg',
  notifications: 'notifications.cfg',
  realms: 'domains.cfg',
  zones: 'sdn/zones.cfg',
  vnets: 'sdn/vnets.cfg',
  subnets: 'sdn/subnets.cfg',
} as const

export type SectionFileName = keyof typeof files
export type SectionFiles = Readonly<Record<SectionFileName, SectionFile>>

/** @param directory `etc/pve` */
export function openSectionFiles(directory: string): SectionFiles {
  const open = (name: SectionFileName): SectionFile => openSectionFile(join(directory, files[name]))
  return {
    metrics: open('metrics'),
    jobs: open('jobs'),
    replication: open('replication'),
    notifications: open('notifications'),
    realms: open('realms'),
    zones: open('zones'),
    vnets: open('vnets'),
    subnets: open('subnets'),
  }
}

function openSectionFile(file: string): SectionFile {
  const sections = readSections(file)
  return {
    sections,
    digest: () => createHash('sha1').update(formatSections(sections)).digest('hex'),
    save: () => writeWhole(file, formatSections(sections)),
  }
}

export function readSections(file: string): Map<string, Section> {
  const sections = new Map<string, Section>()
  let current: Section | undefined
  for (const line of existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []) {
    const [, type, name] = /^(\S+): (\S+)$/.exec(line) ?? []
    const [, key, value] = /^\t(\S+)(?: (.*))?$/.exec(line) ?? []
    if (type !== undefined && name !== undefined) {
      current = { type, settings: new Map() }
      sections.set(name, current)
    } else if (key !== undefined && current !== undefined) {
      const before = current.settings.get(key)
      const text = readText(key, value ?? '1')
      // A list has a line for each of its items.
      current.settings.set(key, before === undefined ? text : `${before}\u0000${text}`)
    }
  }
  return sections
}

const readText = (key: string, value: string): string => (key === 'comment' ? decodeURIComponent(value) : value)

/** Required settings come first, and the comment before all of them. */
const required = new Set(['nodes', 'resources', 'affinity'])

export function formatSections(sections: ReadonlyMap<string, Section>): string {
  return [...sections].map(([name, section]) => `${section.type}: ${name}\n${sectionLines(section)}\n`).join('')
}

function sectionLines({ settings }: Section): string {
  const comment = settings.get('comment')
  const keys = [...settings.keys()].filter((key) => key !== 'comment' && key !== 'disable').sort()
  const lines = [
    ...(comment ? [`comment ${escaped(comment)}`] : []),
    ...(settings.has('disable') ? [settings.get('disable') === '0' ? 'disable 0' : 'disable'] : []),
    ...[...keys.filter((key) => required.has(key)), ...keys.filter((key) => !required.has(key))].map(
      (key) => `${key} ${settings.get(key)?.replaceAll('\u0000', `\n\t${key} `)}`,
    ),
  ]
  return lines.map((line) => `\t${line}\n`).join('')
}

const escaped = (text: string): string =>
  text.replace(/[\p{Cc}%:]|\P{ASCII}/gu, (character) => encodeURIComponent(character))
