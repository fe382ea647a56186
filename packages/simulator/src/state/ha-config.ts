// What high availability is told: resources, groups (to 8) and rules (since 9), in Proxmox's own files.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeWhole } from './files.ts'

export interface HaResource {
  readonly sid: string
  /** What is wanted: started, stopped, ignored, disabled. */
  state: string
  readonly settings: Map<string, string>
}

export interface HaSection {
  readonly type: string
  readonly settings: Map<string, string>
}

export interface HaConfig {
  readonly resources: Map<string, HaResource>
  readonly groups: Map<string, HaSection>
  readonly rules: Map<string, HaSection>
  save(): void
}

export function openHaConfig(directory: string): HaConfig {
  const file = (name: string): string => join(directory, `${name}.cfg`)
  const resources = new Map<string, HaResource>()
  for (const [name, { type, settings }] of readSections(file('resources'))) {
    const state = settings.get('state') ?? 'started'
    settings.delete('state')
    resources.set(`${type}:${name}`, { sid: `${type}:${name}`, state, settings })
  }
  const groups = readSections(file('groups'))
  const rules = readSections(file('rules'))
  return {
    resources,
    groups,
    rules,
    save: () => {
      writeWhole(file('resources'), formatSections(resourceSections(resources)))
      writeWhole(file('groups'), formatSections(groups))
      writeWhole(file('rules'), formatSections(rules))
    },
  }
}

function resourceSections(resources: ReadonlyMap<string, HaResource>): ReadonlyMap<string, HaSection> {
  return new Map(
    [...resources.values()].map(({ sid, state, settings }) => {
      const [type = 'vm', name = ''] = sid.split(':')
      return [name, { type, settings: new Map([['state', state], ...settings]) }]
    }),
  )
}

function readSections(file: string): Map<string, HaSection> {
  const sections = new Map<string, HaSection>()
  let current: HaSection | undefined
  for (const line of existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []) {
    const [, type, name] = /^(\S+): (\S+)$/.exec(line) ?? []
    const [, key, value] = /^\t(\S+) (.*)$/.exec(line) ?? []
    if (type !== undefined && name !== undefined) {
      current = { type, settings: new Map() }
      sections.set(name, current)
    } else if (key !== undefined) current?.settings.set(key, value ?? '')
  }
  return sections
}

function formatSections(sections: ReadonlyMap<string, HaSection>): string {
  const text = ([name, { type, settings }]: [string, HaSection]): string =>
    [`${type}: ${name}`, ...[...settings].map(([key, value]) => `\t${key} ${value.replaceAll('\n', ' ')}`), ''].join(
      '\n',
    )
  return [...sections].map(text).join('\n')
}
