// External metric servers (pve-manager `API2/Cluster/MetricServer.pm`). No metrics are sent.
import { failure } from '../../errors.ts'
import type { Section } from '../../state/section-file.ts'
import type { Call, Endpoint } from '../call.ts'
import {
  changeFile,
  changeSettings,
  checkFileDigest,
  kindOf,
  lookupFailure,
  type SectionKind,
  typedSettings,
  wantedSettings,
} from '../sections.ts'
import { testConnection } from './metric-connection.ts'

const root = '/cluster/metrics/server'
const one = `${root}/{id}`

const kinds: Readonly<Record<string, SectionKind>> = {
  graphite: kindOf('server', 'port mtu proto timeout path disable'),
  influxdb: kindOf(
    'server port',
    'mtu disable organization bucket token influxdbproto timeout max-body-size api-path-prefix verify-certificate',
  ),
  opentelemetry: kindOf(
    'server',
    'port disable otel-protocol otel-path otel-timeout otel-headers otel-verify-ssl otel-max-body-size otel-resource-attributes otel-compression',
  ),
}

const kindNamed = (type: string): SectionKind => kinds[type] ?? kindOf('', '')

export const metricEndpoints: readonly Endpoint[] = [
  { path: root, method: 'GET', handle: list },
  { path: one, method: 'GET', handle: show },
  { path: one, method: 'POST', handle: create },
  { path: one, method: 'PUT', handle: update },
  { path: one, method: 'DELETE', handle: remove },
]

const typed = (call: Call, { settings }: Section): Record<string, string | number> =>
  typedSettings(call, settings, ['POST', `${root}/x`])

function list(call: Call): readonly Record<string, unknown>[] {
  return [...call.world.sectionFiles.metrics.sections]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, section]) => {
      const { server, port, disable = 0 } = typed(call, section)
      return { id, type: section.type, server, port: port ?? null, disable }
    })
}

function show(call: Call): Record<string, unknown> {
  const section = call.world.sectionFiles.metrics.sections.get(call.text('id'))
  if (section === undefined) throw failure(`status server entry '${call.text('id')}' does not exist`)
  return { ...typed(call, section), type: section.type }
}

/** The token is stored in a file of its own. */
function settingsOf(call: Call, type: string, creates: boolean): Map<string, string> {
  return wantedSettings(call, kindNamed(type), { ids: ['id', 'type', 'token'], creates })
}

async function create(call: Call): Promise<null> {
  const [id, type] = [call.text('id'), call.text('type')]
  if (call.world.sectionFiles.metrics.sections.has(id)) throw failure(`Metric server '${id}' already exists`)
  return testAndStore(call, id, { type, settings: settingsOf(call, type, true) })
}

async function update(call: Call): Promise<null> {
  const file = call.world.sectionFiles.metrics
  const id = call.text('id')
  checkFileDigest(call, file)
  const section = file.sections.get(id)
  if (section === undefined) throw failure(`no such server '${id}'`)
  const changed = { type: section.type, settings: new Map(section.settings) }
  changeSettings(call, changed, { kind: kindNamed(section.type), wanted: settingsOf(call, section.type, false) })
  return testAndStore(call, id, changed)
}

async function testAndStore(call: Call, id: string, section: Section): Promise<null> {
  await testConnection(section)
  return changeFile(call, 'metrics', ({ sections }) => void sections.set(id, section))
}

function remove(call: Call): null {
  return changeFile(call, 'metrics', ({ sections }) => {
    if (!sections.has(call.text('id'))) throw lookupFailure('PVE/API2/Cluster/MetricServer.pm line 295')
    sections.delete(call.text('id'))
  })
}
