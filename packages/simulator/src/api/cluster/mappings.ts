// Resource mappings: PCI devices, USB devices and directories (pve-manager `API2/Cluster/Mapping/*.pm`).
import { badParameters, failure, sentenceOf } from '../../errors.ts'
import { checkDirectory, checkEntry } from '../../guests/devices/valid-mapping.ts'
import { fieldsOf } from '../../state/fields.ts'
import { entriesFor, type Mapping, type MappingKind } from '../../state/mappings.ts'
import { type Call, type Endpoint, listOf } from '../call.ts'

const privileges = ['Mapping.Modify', 'Mapping.Use', 'Mapping.Audit']
const flags = new Set(['mdev', 'live-migration-capable'])

export const mappingEndpoints: readonly Endpoint[] = (['pci', 'usb', 'dir'] as const).flatMap((kind): Endpoint[] => {
  const root = `/cluster/mapping/${kind}`
  return [
    { path: root, method: 'GET', handle: (call) => list(call, kind) },
    { path: root, method: 'POST', handle: (call) => create(call, kind) },
    { path: `${root}/{id}`, method: 'GET', handle: (call) => show(call, kind) },
    { path: `${root}/{id}`, method: 'PUT', handle: (call) => update(call, kind) },
    { path: `${root}/{id}`, method: 'DELETE', handle: (call) => remove(call, kind) },
  ]
})

function row({ world }: Call, kind: MappingKind, mapping: Mapping): Record<string, unknown> {
  const settings = [...mapping.settings].map(([key, value]) => [key, flags.has(key) ? Number(value) : value])
  return { ...Object.fromEntries(settings), type: kind, map: mapping.map, digest: world.mappings.digest(kind) }
}

function list(call: Call, kind: MappingKind): readonly Record<string, unknown>[] {
  const { world } = call
  const node = call.optional('check-node')
  if (node !== undefined && !world.nodes.has(node)) {
    throw failure(
      `hostname lookup '${node}' failed - failed to get address info for: ${node}: Name or service not known`,
    )
  }
  const visible = [...world.mappings.of[kind]].filter(([id]) => call.mayAny(`/mapping/${kind}/${id}`, ...privileges))
  return visible.map(([id, mapping]) => ({
    id,
    ...row(call, kind, mapping),
    ...(node !== undefined && { [kind === 'usb' ? 'errors' : 'checks']: checks(call, { kind, id, mapping, node }) }),
  }))
}

function checks(
  { world }: Call,
  { kind, id, mapping, node }: { kind: MappingKind; id: string; mapping: Mapping; node: string },
): readonly Record<string, string>[] {
  const entries = entriesFor(mapping, node)
  if (entries.length === 0) return [{ severity: 'warning', message: `No mapping for node ${node}.` }]
  return entries.flatMap((entry) => {
    try {
      checkEntry(world, node, { kind, id, mapping, entry })
      return []
    } catch (error) {
      return [{ severity: 'error', message: `Invalid configuration: ${sentenceOf(error)}\n` }]
    }
  })
}

function show(call: Call, kind: MappingKind): Record<string, unknown> {
  const id = call.text('id')
  const mapping = call.world.mappings.of[kind].get(id)
  if (mapping === undefined) throw failure(`mapping '${id}' not found`)
  return row(call, kind, mapping)
}

const noun = (kind: MappingKind): string => (kind === 'dir' ? 'directory mapping' : 'hardware mapping')

function settingsOf(call: Call): Map<string, string> {
  const { id: _, map: __, delete: ___, digest: ____, ...settings } = call.parameters
  return new Map(Object.entries(settings))
}

/** A directory must exist on the node that answers, and each node may be named only once. */
function checkDirectories({ world, node }: Call, map: readonly string[]): void {
  const entries = map.map((entry) => fieldsOf(entry))
  for (const entry of entries) if (entry.get('node') === node) checkDirectory(world, node, entry.get('path') ?? '')
  for (const name of new Set(entries.map((entry) => entry.get('node')))) {
    const count = entries.filter((entry) => entry.get('node') === name).length
    if (count > 1) throw failure(`Node '${name}' is specified ${count} times.`)
  }
}

function refuseLineFeeds(call: Call, context: string): void {
  const hasOne = [...settingsOf(call).values()].some((value) => /[\n\r]/.test(value))
  if (hasOne) throw failure(`${context}: property contains a line feed`)
}

function create(call: Call, kind: MappingKind): null {
  const { mappings } = call.world
  const [id, map] = [call.text('id'), call.list('map')]
  if (kind === 'dir') checkDirectories(call, map)
  refuseLineFeeds(call, `create ${noun(kind)} failed`)
  if (mappings.of[kind].has(id)) throw failure(`create ${noun(kind)} failed: ${kind} ID '${id}' already defined`)
  mappings.of[kind].set(id, { map, settings: settingsOf(call) })
  mappings.save()
  return null
}

function update(call: Call, kind: MappingKind): null {
  const { mappings } = call.world
  const [id, map, digest] = [call.text('id'), call.list('map'), call.optional('digest')]
  const refuse = (why: string): Error => failure(`update ${noun(kind)} failed: ${why}`)
  if (digest !== undefined && digest !== mappings.digest(kind)) {
    throw refuse('detected modified configuration - file changed by other user? Try again.')
  }
  const mapping = mappings.of[kind].get(id)
  if (mapping === undefined) throw refuse(`${kind} ID '${id}' does not exist`)
  if (map.length === 0) throw refuse("missing value for required option 'map'")
  try {
    if (kind === 'dir') checkDirectories(call, map)
  } catch (error) {
    throw refuse(sentenceOf(error))
  }
  refuseLineFeeds(call, `update ${noun(kind)} failed`)
  const gone = listOf(call.optional('delete'))
  if (gone.includes('map')) throw badParameters({ delete: "unable to delete required option 'map'" })
  for (const key of gone) mapping.settings.delete(key)
  for (const [key, value] of settingsOf(call)) mapping.settings.set(key, value)
  mapping.map = map
  mappings.save()
  return null
}

/** Succeeds also if there is no such mapping. */
function remove(call: Call, kind: MappingKind): null {
  call.world.mappings.of[kind].delete(call.text('id'))
  call.world.mappings.save()
  return null
}
