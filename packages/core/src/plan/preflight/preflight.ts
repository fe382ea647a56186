// Checks before the first change: reports everything that will certainly fail, with a fix. Pure.
import { ProvisionError } from '../../errors.ts'
import { OWNER_TAG } from '../../facts/cluster/marker.ts'
import type { Facts } from '../../facts/facts.ts'
import type { Desired } from '../../manifest/manifest.ts'
import type { FoundProblem, Problem } from '../problems/problem.ts'
import { isForbiddenTag, tagHint } from '../problems/setting-problems.ts'
import { heldPrivileges } from './held-privileges.ts'
import { need } from './need.ts'
import { checkBridges, checkNodes, checkPools, checkVersion } from './preflight-cluster.ts'
import { checkHa } from './preflight-ha.ts'
import { checkSpace } from './preflight-space.ts'
import { checkStorages } from './preflight-storages.ts'
import { missingPrivileges, type Need, neededPrivileges } from './privileges.ts'
import { grantPath, pveumLines } from './pveum.ts'
import { type Planned, runningSteps, type Subject, subjectOf } from './subject.ts'

/** What was checked, and its problems. No problems means that it is in order. */
export interface Check {
  readonly about: 'version' | 'nodes' | 'pools' | 'storages' | 'bridges' | 'space' | 'privileges'
  readonly problems: readonly FoundProblem[]
}

/** Checks that read facts which may come from the cache: see `SlowFacts`. */
const ABOUT_CACHED: ReadonlySet<Check['about']> = new Set(['version', 'bridges', 'privileges'])

/** Returns true if the check may be wrong because its facts are old. */
export function readsCachedFacts({ about }: Pick<Check, 'about'>): boolean {
  return ABOUT_CACHED.has(about)
}

/**
 * Checks the steps that will run, and returns one result for each subject. Steps that wait for a failing one are checked
 * too, to report everything at once.
 */
export function checksOf(planned: Planned): readonly Check[] {
  const subject = subjectOf(planned)
  return [
    { about: 'version', problems: checkVersion(subject) },
    { about: 'nodes', problems: [...checkNodes(subject), ...checkHa(subject)] },
    { about: 'pools', problems: checkPools(subject) },
    { about: 'storages', problems: checkStorages(subject) },
    { about: 'bridges', problems: checkBridges(subject) },
    { about: 'space', problems: checkSpace(subject) },
    {
      about: 'privileges',
      problems: [...permissionProblems(neededPrivileges(subject), subject.facts), ...checkOwnTag(subject)],
    },
  ]
}

/** Without its tag, this program would not find again what it creates. */
function checkOwnTag(subject: Subject): readonly FoundProblem[] {
  const { facts } = subject
  const isTagged = runningSteps(subject).some(
    ({ kind }) => kind === 'template' || kind === 'build' || kind === 'create',
  )
  if (!isTagged || !isForbiddenTag(OWNER_TAG, facts)) return []
  const { identity = 'This token' } = facts.cluster
  return [
    {
      code: 'PERMISSION',
      message: `${identity} may not set the tag ${OWNER_TAG}, which marks machines as managed.`,
      hint: tagHint([OWNER_TAG], facts),
    },
  ]
}

/**
 * Throws one error for all problems. @throws ProvisionError `CONFLICT`, or `PERMISSION` if only privileges are missing
 */
export function refuse(problems: readonly Problem[]): void {
  const general = problems.filter(({ step }) => step === undefined)
  const [first] = general
  if (first === undefined) return
  const code = general.every((problem) => problem.code === 'PERMISSION') ? 'PERMISSION' : 'CONFLICT'
  const messages = general.map(({ message }) => message)
  const message =
    general.length === 1
      ? first.message
      : `${general.length} problems block this:\n${messages.map((one) => `- ${one}`).join('\n')}`
  throw new ProvisionError(code, message, {
    hint: general.map(({ hint }) => hint).join('\n'),
    details: { problems: messages },
  })
}

/** Returns true if the token can see any VM. Without VM.Audit, a full cluster looks empty. */
export function hasVisibility({ cluster }: Facts): boolean {
  return Object.values(cluster.permissions).some((held) => 'VM.Audit' in held)
}

/**
 * For operations on existing machines only: not seeing any must not be taken for having none.
 * @throws ProvisionError `PERMISSION`
 */
export function requireVisibility({ machines, project }: Desired, facts: Facts): void {
  if (hasVisibility(facts)) return
  const pools = [...new Set(machines.flatMap(({ pool }) => pool ?? []))]
  const paths = pools.length > 0 ? pools.map((pool) => `/pool/${pool}`) : ['/vms']
  requireNeeds(
    paths.map((path): Need => ({ paths: [path], privileges: ['VM.Audit'], why: `see the machines of ${project}` })),
    facts,
  )
}

/**
 * For the removal of images: not seeing a storage must not be taken for an empty one.
 * @throws ProvisionError `PERMISSION`
 */
export function requireStorages({ machines }: Pick<Desired, 'machines'>, facts: Facts): void {
  const storages = new Set(machines.map(({ storage }) => storage.images))
  requireNeeds(
    [...storages].map((storage) => need(`/storage/${storage}`, 'Datastore.Audit', 'see what is on the storage')),
    facts,
  )
}

function requireNeeds(needs: readonly Need[], facts: Facts): void {
  const [problem] = permissionProblems(needs, facts)
  if (problem !== undefined) throw new ProvisionError('PERMISSION', problem.message, { hint: problem.hint })
}

/** A shell comment, so that the lines can be pasted as they are. */
const POOL_ADVICE = '# /vms covers every VM: with a `pool` in the manifest, a grant on that pool is enough.'

function permissionProblems(needs: readonly Need[], facts: Facts): readonly FoundProblem[] {
  const missing = missingPrivileges(needs, facts)
  if (missing.length === 0) return []
  const { identity = 'USER@REALM!TOKEN' } = facts.cluster
  const byPath = Map.groupBy(missing, grantPath)
  return [
    {
      code: 'PERMISSION',
      message: `${identity} lacks privileges ${[...byPath].map(describeMissing).join('; ')}.`,
      hint: [
        'As root on any node:',
        ...pveumLines(missing, { identity, held: heldPrivileges(facts) }),
        ...(missing.some((need) => grantPath(need) === '/vms') ? [POOL_ADVICE] : []),
      ].join('\n'),
    },
  ]
}

/**
 * `on /vms VM.Allocate, VM.Clone (to make web-1, make web-2, …)`. Other paths that would also do are named if they are
 * the same for all.
 */
function describeMissing([grant, needs]: readonly [string, readonly Need[]]): string {
  const [place = grant, ...others] = new Set(needs.map(({ paths, grantOn }) => grantOn ?? paths.join(' or ')))
  const path = others.length === 0 ? place : grant
  const reasons = [...new Set(needs.map(({ why }) => why))]
  const shown = reasons.length > 3 ? [...reasons.slice(0, 3), '…'] : reasons
  const privileges = new Set(needs.map((need) => need.privileges.join(' or ')))
  return `on ${path} ${[...privileges].join(', ')} (to ${shown.join(', ')})`
}
