// The roles and the table of docs/permissions.md, from the table that the tests run.
import {
  OPERATIONS,
  type Operation,
  PLACES,
  type Privilege,
  type Where,
} from '../packages/core/test/support/operations.ts'

const ALL: readonly Operation[] = Object.values(OPERATIONS)

/** One row for each operation. */
export function operationRows(): readonly string[] {
  return [
    '| operation | privileges |',
    '|---|---|',
    ...ALL.map(({ what, privileges }) => `| ${what} | ${places(privileges)} |`),
  ]
}

function places(privileges: readonly Privilege[]): string {
  const byPlace = Map.groupBy(privileges, ({ on }) => PLACES[on])
  return [...byPlace].map(([place, list]) => `${place}: ${[...new Set(list.map(textOf))].join(', ')}`).join('<br>')
}

function textOf({ name, without }: Privilege): string {
  return `\`${name}\`${without === undefined ? '' : ` (without it, ${without})`}`
}

const ROLES: Readonly<Record<string, readonly Where[]>> = {
  ProvisionVM: ['machines', 'pool'],
  ProvisionImages: ['images'],
  ProvisionDisks: ['disks', 'otherDisks'],
  ProvisionNode: ['node'],
}

/** The roles of a token for everyday operations. */
export function roleLines(): readonly string[] {
  const everyday = ALL.flatMap(({ privileges, everyday: isEveryday }) => (isEveryday ? privileges : []))
  return Object.entries(ROLES).map(([role, on]) => {
    const names = everyday.flatMap((one) => (on.includes(one.on) ? [one.name] : []))
    return `pveum role add ${role} --privs "${[...new Set(names)].join(' ')}"`
  })
}
