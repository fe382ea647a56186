// `facts show | refresh | clear`: manages the cached facts about the cluster.
import { type CachedFacts, clearFacts, refreshFacts, showFacts } from '@pve-provision/core/advanced'
import { durationText } from '@pve-provision/core/text'
import { EXIT } from '../exit-codes.ts'
import type { CommonOptions } from '../options.ts'
import { withManifest } from '../run.ts'
import { sayWords, writeDocument, writeText } from '../text/output.ts'
import { stdoutTerminal } from '../text/terminal.ts'
import { hanging } from '../text/wrap.ts'

export type FactsOperation = 'show' | 'refresh' | 'clear'

export function factsCommand(operation: FactsOperation, options: CommonOptions): Promise<number> {
  return withManifest(options, async ({ desired, world }) => {
    if (operation === 'clear') await clearFacts(world)
    if (operation === 'refresh') await refreshFacts(desired, world)
    const facts = await showFacts(world)
    const text = `${factsText(facts).join('\n')}\n`
    if (options.json) writeDocument(facts ?? null)
    else if (operation === 'show') writeText(text)
    else sayWords(text)
    return EXIT.fine
  })
}

function factsText(cached: CachedFacts | undefined): string[] {
  if (cached === undefined) return ['Nothing is cached for this cluster.']
  const { endpoint, identity, ageMs, fresh, facts } = cached
  return [
    `${endpoint} as ${identity}, ${durationText(ageMs)} old${fresh ? '' : ', too old to use'}`,
    `Proxmox VE ${facts.version}`,
    ...Object.entries(facts.bridges).map(
      ([node, names]) => `bridges of ${node}: ${names.join(', ') || 'none visible to the token'}`,
    ),
    `tags: ${tagsText(facts.tags)}`,
    'privileges of the token:',
    ...privilegeLines(facts.permissions),
  ].flatMap((line) => hanging(line, stdoutTerminal.columns, 4))
}

type Facts = CachedFacts['facts']

function tagsText({ access, registered = [] }: Facts['tags']): string {
  const reserved = registered.length === 0 ? '' : `; reserved: ${registered.join(', ')}`
  return `${access === undefined ? 'rules not visible to the token' : `rule "${access}"`}${reserved}`
}

/** Paths with the same privileges share a line. */
function privilegeLines(permissions: Facts['permissions']): readonly string[] {
  const byPrivileges = Map.groupBy(Object.entries(permissions), ([, held]) => Object.keys(held).sort().join(', '))
  return [...byPrivileges].flatMap(([privileges, paths]) =>
    privileges === '' ? [] : [`  ${paths.map(([path]) => path).join(', ')}: ${privileges}`],
  )
}
