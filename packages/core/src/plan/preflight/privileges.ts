// Which privileges a plan needs, and which of them are missing: derived from the steps that run, by version.
import type { Facts } from '../../facts/facts.ts'
import { privilegesIn } from './held-privileges.ts'
import { type Need, needsOf } from './step-privileges.ts'
import { runningSteps, type Subject } from './subject.ts'

export type { Need }

/** All that the steps which run need, each once; a choice is none where one of its privileges is needed anyway. */
export function neededPrivileges(subject: Subject): readonly Need[] {
  const needs = runningSteps(subject).flatMap((step) => needsOf(step, subject))
  const byWhat = Map.groupBy(needs, ({ paths, privileges }) => JSON.stringify([paths, privileges]))
  return [...byWhat.values()].flatMap(([first]) => {
    if (first === undefined) return []
    const { paths, privileges } = first
    const settled = privileges.length > 1 && privileges.some((one) => byWhat.has(JSON.stringify([paths, [one]])))
    return settled ? [] : [first]
  })
}

/** The needs that the token does not have, going by what `/access/permissions` told. */
export function missingPrivileges(needs: readonly Need[], facts: Facts): readonly Need[] {
  const has = privilegesIn(facts)
  return needs.filter(
    ({ paths, privileges }) => !paths.some((path) => privileges.some((privilege) => has(path, privilege))),
  )
}
