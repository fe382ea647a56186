// Checks if rules contradict each other (pve-ha-manager `HA/Rules.pm`, `HA/Rules/*Affinity.pm`).
import type { Section } from '../../../state/section-file.ts'
import { listOf } from '../../call.ts'

/** The problems of a rule, by option. */
export type RuleErrors = ReadonlyMap<string, readonly string[]>

interface Named {
  readonly name: string
  readonly section: Section
}

const resourcesOf = ({ section }: Named): readonly string[] => listOf(section.settings.get('resources'))
const shared = (one: Named, other: Named): number =>
  resourcesOf(one).filter((sid) => resourcesOf(other).includes(sid)).length
const affinityOf = ({ section }: Named): string | undefined => section.settings.get('affinity')

/** Returns the problems of one rule. Most rules have none. */
export function problemsOf(rules: ReadonlyMap<string, Section>, name: string, nodeCount: number): RuleErrors {
  const enabled = [...rules].flatMap(([each, section]): Named[] =>
    section.settings.has('disable') ? [] : [{ name: each, section }],
  )
  const own = enabled.find((rule) => rule.name === name)
  if (own === undefined) return new Map()
  const others = enabled.filter((rule) => rule !== own)
  const found =
    own.section.type === 'node-affinity' ? nodeProblems(own, others) : resourceProblems(own, others, nodeCount)
  return found.length === 0 ? new Map() : new Map([['resources', found]])
}

const ofNodes = ({ section }: Named): boolean => section.type === 'node-affinity'

function nodeProblems(own: Named, others: readonly Named[]): readonly string[] {
  const isUsed = (sid: string): boolean => others.some((rule) => ofNodes(rule) && resourcesOf(rule).includes(sid))
  const used = resourcesOf(own).filter(isUsed)
  const isMixed = priorities(own) > 1 && others.some((rule) => !ofNodes(rule) && shared(rule, own) > 0)
  return [
    ...used.map((sid) => `resource '${sid}' is already used in another node affinity rule`),
    ...(isMixed
      ? ['resources are in a resource affinity rule and cannot be in a node affinity rule with multiple priorities']
      : []),
  ]
}

function priorities({ section }: Named): number {
  return new Set(listOf(section.settings.get('nodes')).map((node) => Number(node.split(':')[1] ?? 0))).size
}

function resourceProblems(own: Named, others: readonly Named[], nodeCount: number): readonly string[] {
  const { length } = resourcesOf(own)
  const affinity = affinityOf(own)
  const opposite = affinity === 'positive' ? 'negative' : 'positive'
  const clashes = others.some((rule) => affinityOf(rule) === opposite && shared(rule, own) >= 2)
  const isMixed = others.some((rule) => ofNodes(rule) && shared(rule, own) > 0 && priorities(rule) > 1)
  return [
    ...(length < 2 ? ['rule is ineffective as there are less than two resources'] : []),
    ...(affinity === 'negative' && length > nodeCount ? ['rule defines more resources than available nodes'] : []),
    ...(clashes ? [`rule shares two or more resources with a ${opposite} resource affinity rule`] : []),
    ...(isMixed ? ['resources are in node affinity rules with multiple priorities'] : []),
  ]
}
