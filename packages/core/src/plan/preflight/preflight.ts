// Checks before the first change: what a run is sure to stumble over is said at once, with what mends it. Pure.
import { ProvisionError } from '../../errors.ts'
import type { Facts } from '../../facts/facts.ts'
import type { Desired } from '../../manifest/manifest.ts'
import { type Plan, runs } from '../step.ts'
import { heldPrivileges } from './held-privileges.ts'
import { checkBridges, checkNodes, checkPools, checkVersion } from './preflight-cluster.ts'
import { checkHa } from './preflight-ha.ts'
import { checkSpace } from './preflight-space.ts'
import { checkStorages } from './preflight-storages.ts'
import { missingPrivileges, type Need, neededPrivileges } from './privileges.ts'
import type { Complaint } from './problem.ts'
import { grantPath, pveumLines } from './pveum.ts'

/** What was checked, and what is wrong with it; nothing when it is in order. */
export interface Check {
  readonly about: 'version' | 'nodes' | 'pools' | 'storages' | 'bridges' | 'space' | 'privileges'
  readonly complaints: readonly Complaint[]
}

/** Everything that is in the way; empty when nothing is. */
export function complaintsAbout(desired: Desired, facts: Facts, plan: Plan): readonly Complaint[] {
  // Steps that only wait for one that cannot be done count too: all that is in the way is said at once.
  if (!plan.steps.some(runs)) return []
  return checksOf(desired, facts, plan).flatMap(({ complaints }) => complaints)
}

/** The same by subject, for whoever also tells what is in order. */
export function checksOf(desired: Desired, facts: Facts, plan: Plan): readonly Check[] {
  return [
    { about: 'version', complaints: checkVersion(facts) },
    { about: 'nodes', complaints: [...checkNodes(desired, facts, plan), ...checkHa(desired, facts, plan)] },
    { about: 'pools', complaints: checkPools(desired, facts, plan) },
    { about: 'storages', complaints: checkStorages(desired, facts, plan) },
    { about: 'bridges', complaints: checkBridges(desired, facts, plan) },
    { about: 'space', complaints: checkSpace(desired, facts, plan) },
    { about: 'privileges', complaints: permissionComplaints(neededPrivileges(desired, facts, plan), facts) },
  ]
}

/** @throws ProvisionError `CONFLICT`, or `PERMISSION` when nothing but privileges is missing; with everything at once */
export function preflight(desired: Desired, facts: Facts, plan: Plan): void {
  const complaints = complaintsAbout(desired, facts, plan)
  const [first] = complaints
  if (first === undefined) return
  const code = complaints.every((complaint) => complaint.code === 'PERMISSION') ? 'PERMISSION' : 'CONFLICT'
  const sentences = complaints.map(({ sentence }) => sentence)
  const message =
    complaints.length === 1
      ? first.sentence
      : `${complaints.length} things are in the way:\n${sentences.map((one) => `- ${one}`).join('\n')}`
  throw new ProvisionError(code, message, {
    hint: complaints.flatMap(({ remedy }) => remedy).join('\n'),
    details: { complaints: sentences },
  })
}

/** Whether the token may see any machine at all: without VM.Audit a full cluster looks empty. */
export function hasSight({ cluster }: Facts): boolean {
  return [...cluster.permissions.values()].some((held) => held.has('VM.Audit'))
}

/**
 * For what is about existing machines alone: that none is seen must not be taken for there being none.
 * @throws ProvisionError `PERMISSION`
 */
export function requireSight({ machines, project }: Desired, facts: Facts): void {
  if (hasSight(facts)) return
  const pools = [...new Set(machines.flatMap(({ pool }) => pool ?? []))]
  const paths = pools.length > 0 ? pools.map((pool) => `/pool/${pool}`) : ['/vms']
  const needs = paths.map(
    (path): Need => ({ paths: [path], privileges: ['VM.Audit'], why: `see the machines of ${project}` }),
  )
  const [complaint] = permissionComplaints(needs, facts)
  if (complaint === undefined) return
  throw new ProvisionError('PERMISSION', complaint.sentence, { hint: complaint.remedy.join('\n') })
}

/** As a comment, so that the lines can be pasted as they are. */
const POOL_ADVICE = '# /vms is every machine there is: name a `pool` in the manifest, and a grant on that pool will do.'

function permissionComplaints(needs: readonly Need[], facts: Facts): readonly Complaint[] {
  const missing = missingPrivileges(needs, facts)
  if (missing.length === 0) return []
  const { identity = 'USER@REALM!TOKEN' } = facts.cluster
  const byPath = Map.groupBy(missing, ({ paths, grantOn }) => grantOn ?? paths.join(' or '))
  return [
    {
      code: 'PERMISSION',
      sentence: `${identity} lacks privileges ${[...byPath].map(describeMissing).join('; ')}.`,
      remedy: [
        'As root on any node:',
        ...pveumLines(missing, { identity, held: heldPrivileges(facts) }),
        ...(missing.some((need) => grantPath(need) === '/vms') ? [POOL_ADVICE] : []),
      ],
    },
  ]
}

/** `on /vms VM.Allocate, VM.Clone (to make web-1, make web-2, …)` */
function describeMissing([path, needs]: readonly [string, readonly Need[]]): string {
  const reasons = [...new Set(needs.map(({ why }) => why))]
  const shown = reasons.length > 3 ? [...reasons.slice(0, 3), '…'] : reasons
  const privileges = new Set(needs.map((need) => need.privileges.join(' or ')))
  return `on ${path} ${[...privileges].join(', ')} (to ${shown.join(', ')})`
}
