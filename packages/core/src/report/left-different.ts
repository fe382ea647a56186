// Says what a plan leaves different from the manifest.
import { differs, type Plan } from '../plan/plan.ts'
import { countText } from './units.ts'

/** Returns clauses such as `2 machines differ from the manifest`. Empty if everything that the plan leaves is as declared. */
export function leftDifferent({ machines, orphans }: Pick<Plan, 'machines' | 'orphans'>): readonly string[] {
  const older = machines.filter(({ outdated }) => outdated !== undefined)
  return [
    clause(machines.filter(differs), ['differs from the manifest', 'differ from the manifest']),
    clause(older, ['runs an older build of its image', 'run an older build of their image']),
    clause(orphans, ['is not in the manifest', 'are not in the manifest']),
  ].filter((text) => text !== '')
}

function clause(
  { length }: readonly unknown[],
  [singular, plural]: readonly [singular: string, plural: string],
): string {
  return length === 0 ? '' : `${countText(length, 'machine')} ${length === 1 ? singular : plural}`
}
