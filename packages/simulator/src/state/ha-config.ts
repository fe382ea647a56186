// The HA configuration: resources, groups (up to 8) and rules (since 9), in Proxmox's own files.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { writeWhole } from './files.ts'
import { formatSections, readSections, type Section } from './section-file.ts'

export interface HaResource {
  /** `vm:100` */
  readonly sid: string
  /** The wanted state: started, stopped, ignored, disabled. Default: `started`. */
  state: string
  /** As in the file. `state` is included if it is set there. */
  readonly settings: Map<string, string>
  /** Milliseconds since 1970. The manager has not yet seen a change that is younger than its interval. */
  readonly since: number
}

export type HaFile = 'resources' | 'groups' | 'rules'

export interface HaConfig {
  readonly resources: Map<string, HaResource>
  /** Resources that could not be started. The manager ignores them until they are set to `disabled`. */
  readonly failed: Set<string>
  /** True once the manager has had a machine. It then stays the master of the cluster. */
  isMaster: boolean
  readonly groups: Map<string, Section>
  readonly rules: Map<string, Section>
  /** SHA-1 of a file as Proxmox writes it, which `digest` compares. */
  digest(file: HaFile): string
  save(): void
}

export function makeResource(sid: string, settings: ReadonlyMap<string, string>, since = 0): HaResource {
  const given = settings.get('state') ?? 'started'
  // An old name for it.
  return { sid, state: given === 'enabled' ? 'started' : given, settings: new Map(settings), since }
}

/** Requests another state, for the API and the power commands. */
export function wantState(resource: HaResource, state: string): void {
  resource.settings.set('state', state)
  resource.state = state === 'enabled' ? 'started' : state
}

export function openHaConfig(directory: string): HaConfig {
  const file = (name: HaFile): string => join(directory, `${name}.cfg`)
  const resources = new Map<string, HaResource>()
  for (const [name, { type, settings }] of readSections(file('resources'))) {
    resources.set(`${type}:${name}`, makeResource(`${type}:${name}`, settings))
  }
  const groups = readSections(file('groups'))
  const rules = readSections(file('rules'))
  const texts: Readonly<Record<HaFile, () => string>> = {
    resources: () => formatSections(resourceSections(resources)),
    groups: () => formatSections(groups),
    rules: () => formatSections(rules),
  }
  return {
    resources,
    failed: new Set(),
    isMaster: false,
    groups,
    rules,
    digest: (name) => createHash('sha1').update(texts[name]()).digest('hex'),
    save: () => {
      for (const name of ['resources', 'groups', 'rules'] as const) writeWhole(file(name), texts[name]())
    },
  }
}

function resourceSections(resources: ReadonlyMap<string, HaResource>): ReadonlyMap<string, Section> {
  return new Map(
    [...resources.values()].map(({ sid, settings }) => {
      const [type = 'vm', name = ''] = sid.split(':')
      return [name, { type, settings }]
    }),
  )
}
