// Determines which privileges a plan requires and which are missing, from its running steps and the version of Proxmox.
import type { Facts } from '../../facts/facts.ts'
import { privilegesIn } from './held-privileges.ts'
import { type Need, newGuestPlace } from './need.ts'
import { needsOf } from './step-privileges.ts'
import { runningSteps, type Subject } from './subject.ts'

export type { Need }

/** Returns each required privilege once. A choice of privileges is dropped if one of them is required anyway. */
export function neededPrivileges(subject: Subject): readonly Need[] {
  const needs = [...runningSteps(subject).flatMap((step) => needsOf(step, subject)), ...sightNeeds(subject)]
  const byWhat = Map.groupBy(needs, ({ paths, privileges }) => JSON.stringify([paths, privileges]))
  return [...byWhat.values()].flatMap(([first]) => {
    if (first === undefined) return []
    const { paths, privileges } = first
    const settled = privileges.length > 1 && privileges.some((one) => byWhat.has(JSON.stringify([paths, [one]])))
    return settled ? [] : [first]
  })
}

/** A machine that the token may not see looks like one that does not exist. */
function sightNeeds({ machines, facts }: Subject): readonly Need[] {
  const seen = new Set(facts.guests.map(({ marker }) => marker.name))
  return [...machines.values()].flatMap(({ name, pool }) =>
    seen.has(name) ? [] : [{ ...newGuestPlace(pool), privileges: ['VM.Audit'], why: `see if ${name} exists` } as const],
  )
}

/** Returns the requirements that the token does not meet, judging by `/access/permissions`. */
export function missingPrivileges(needs: readonly Need[], facts: Facts): readonly Need[] {
  const has = privilegesIn(facts)
  return needs.filter(
    ({ paths, privileges }) => !paths.some((path) => privileges.some((privilege) => has(path, privilege))),
  )
}
