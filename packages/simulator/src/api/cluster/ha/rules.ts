// Rules about where machines run, since version 9 (pve-ha-manager `API2/HA/Rules.pm`).
import { failure } from '../../../errors.ts'
import type { Section } from '../../../state/section-file.ts'
import { type Call, type Endpoint, itemEndpoints, listOf, requireQuorum } from '../../call.ts'
import { problemsOf } from './feasibility.ts'
import { checkDeletions, checkDigest, lockHa, type SectionOptions, settingsOf, typed } from './sections.ts'

const root = '/cluster/ha/rules'

export const haRuleEndpoints: readonly Endpoint[] = [
  ...itemEndpoints(root, `${root}/{rule}`, {
    list,
    create,
    show: (call) => row(call, call.text('rule')),
    update,
    remove,
  }),
]

function optionsOf(type: string): SectionOptions {
  return type === 'node-affinity'
    ? { required: ['nodes', 'resources'], optional: ['comment', 'disable', 'strict'] }
    : { required: ['affinity', 'resources'], optional: ['comment', 'disable'] }
}

/** Removes duplicates and sorts. Drops the default priority of nodes. */
function sorted(key: string, text: string): string {
  if (key !== 'resources' && key !== 'nodes') return text
  const words = listOf(text).map((word) => (key === 'nodes' ? word.replace(/:0+$/, '') : word))
  return [...new Set(words)].sort().join(',')
}

function wantedSettings(call: Call, type: string): Map<string, string> {
  const settings = settingsOf(call, optionsOf(type))
  // Enabled is the default state of a rule.
  if (settings.get('disable') === '0') settings.delete('disable')
  return new Map([...settings].map(([key, value]) => [key, sorted(key, value)]))
}

function row(call: Call, rule: string): Record<string, unknown> {
  const { ha } = call.world
  const { rules } = ha
  const section = rules.get(rule)
  if (section === undefined) throw failure(`no such ha rule '${rule}'`)
  const problems = problemsOf(rules, rule, call.world.nodes.size)
  return {
    rule,
    type: section.type,
    ...typed(section.settings),
    order: [...rules.keys()].indexOf(rule) + 1,
    digest: ha.digest('rules'),
    ...(problems.size > 0 && { errors: Object.fromEntries(problems) }),
  }
}

function list(call: Call): readonly Record<string, unknown>[] {
  const [type, resource] = [call.optional('type'), call.optional('resource')]
  return [...call.world.ha.rules]
    .filter(([, section]) => type === undefined || section.type === type)
    .filter(([, { settings }]) => resource === undefined || listOf(settings.get('resources')).includes(resource))
    .map(([rule]) => row(call, rule))
}

/** Checks that everything the rule names exists. */
function checkNames({ world }: Call, settings: ReadonlyMap<string, string>): void {
  const resources = settings.get('resources')
  if (resources === '') throw failure('no resources were specified')
  const unmanaged = listOf(resources).filter((sid) => !world.ha.resources.has(sid))
  if (unmanaged.length > 0) throw failure(`cannot use unmanaged resource(s) ${unmanaged.join(', ')}.`)
  const nodes = settings.get('nodes')
  if (nodes === '') throw failure('no nodes were specified')
  const unknown = listOf(nodes)
    .map((node) => node.replace(/:.*/, ''))
    .filter((node) => !world.nodes.has(node))
  if (unknown.length > 0) throw failure(`cannot use non-existent node(s) ${unknown.join(', ')}.`)
}

/** Throws the problems that the changed rule would have. */
function checkFeasible({ world }: Call, rule: string, section: Section): void {
  const problems = problemsOf(new Map([...world.ha.rules, [rule, section]]), rule, world.nodes.size)
  if (problems.size === 0) return
  const lines = [...problems].map(([option, texts]) => `${option}: ${texts.join(', ')}`)
  throw failure([`400 Rule '${rule}' is invalid.`, ...lines].join('\n'))
}

function create(call: Call): null {
  const { rules } = call.world.ha
  const [rule, type] = [call.text('rule'), call.text('type')]
  requireQuorum(call)
  const section: Section = { type, settings: wantedSettings(call, type) }
  return lockHa(call, 'create ha rule failed', () => {
    if (rules.has(rule)) throw failure(`HA rule '${rule}' already defined`)
    checkNames(call, section.settings)
    checkFeasible(call, rule, section)
    rules.set(rule, section)
  })
}

function update(call: Call): null {
  const { ha } = call.world
  const { rules } = ha
  const rule = call.text('rule')
  return lockHa(call, 'update HA rules failed', () => {
    checkDigest(call, ha.digest('rules'))
    const section = rules.get(rule)
    if (section === undefined) throw failure(`HA rule '${rule}' does not exist`)
    if (call.optional('type') !== undefined && call.text('type') !== section.type) {
      throw failure("unexpected property 'type'")
    }
    const wanted = wantedSettings(call, section.type)
    checkNames(call, wanted)
    const removed = checkDeletions(call, optionsOf(section.type))
    const both = removed.find((key) => wanted.has(key))
    if (both !== undefined) throw failure(`cannot set and delete property '${both}' at the same time!`)
    const kept = [...section.settings].filter(([key]) => !removed.includes(key))
    const after: Section = { type: section.type, settings: new Map([...kept, ...wanted]) }
    checkFeasible(call, rule, after)
    rules.set(rule, after)
  })
}

/** Deleting a rule that does not exist succeeds. */
function remove(call: Call): null {
  return lockHa(call, 'delete ha rule failed', () => void call.world.ha.rules.delete(call.text('rule')))
}
