// The cluster's settings (pve-cluster `DataCenterConfig.pm`).
import { failure } from '../../errors.ts'
import { allowedTags } from '../../guests/options/tags.ts'
import { findRoute, type PropertyRules, parsePropertyString } from '../../schema/index.ts'
import { fieldsOf } from '../../state/fields.ts'
import type { World } from '../../world.ts'
import { type Call, type Endpoint, listOf } from '../call.ts'

export const clusterOptionEndpoints: readonly Endpoint[] = [
  { path: '/cluster/options', method: 'GET', handle: show },
  { path: '/cluster/options', method: 'PUT', handle: change },
]

/** Without Sys.Audit, returns only what a console needs, and which tags the caller may set. */
function show(call: Call): Record<string, unknown> {
  const { world } = call
  const { options } = world.datacenter
  const mayAudit = call.may('/', 'Sys.Audit')
  const shown = [...options].filter(([key]) => mayAudit || key === 'console' || key === 'tag-style')
  return {
    ...Object.fromEntries(shown.map(([key, text]) => [key, parsed(world, key, text)])),
    ...(mayAudit && { mac_prefix: world.datacenter.macPrefix, description: heading(options.get('description')) }),
    'allowed-tags': [...allowedTags(call).allowed].sort(),
  }
}

/** The file's heading, line by line. */
const heading = (text = ''): string => (text === '' ? '' : `${text.trimEnd()}\n`)

function parsed(world: World, key: string, text: string): unknown {
  if (key === 'console' && text === 'applet') return 'html5'
  if (key === 'registered-tags') return listOf(text)
  if (key === 'max_workers') return Number(text)
  const rules = findRoute('PUT', '/cluster/options', world.version)?.rule.parameters[key]?.format
  return typeof rules === 'object' && key !== 'bwlimit' ? properties(world, rules, text) : text
}

/** Numbers stay texts, as in Perl. Booleans become numbers. */
function properties(world: World, rules: PropertyRules, text: string): unknown {
  const read = parsePropertyString(rules, text, world.version)
  if ('refusal' in read) return text
  return Object.fromEntries(
    Object.entries(read.fields).map(([key, value]) => {
      if (key === 'user-allow-list') return [key, value.split(';')]
      return [key, rules[key]?.type === 'boolean' ? Number(value) : value]
    }),
  )
}

function change(call: Call): null {
  const { datacenter } = call.world
  const { delete: gone, ...wanted } = call.parameters
  const next = new Map([...datacenter.options, ...Object.entries(wanted)])
  for (const key of listOf(gone)) next.delete(key)
  checkRange(next.get('next-id'))
  datacenter.options.clear()
  for (const [key, value] of next) datacenter.options.set(key, value)
  datacenter.save()
  return null
}

/** Returns the id range of `GET /cluster/nextid`: the lower bound is included, the upper one is not. */
export function idRange(text: string | undefined): { readonly lower: number; readonly upper: number } {
  const fields = fieldsOf(text ?? '')
  return { lower: Number(fields.get('lower') ?? 100), upper: Number(fields.get('upper') ?? 1_000_000) }
}

function checkRange(text: string | undefined): void {
  const { lower, upper } = idRange(text)
  if (lower > upper) throw failure(`lower (${lower}) <= upper (${upper}) boundary rule broken`)
}
