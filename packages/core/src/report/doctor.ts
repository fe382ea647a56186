// The findings of `doctor`: the connection, and whether Proxmox and the vendors have what the manifest needs.
import { ProvisionError } from '../errors.ts'
import type { Facts } from '../facts/facts.ts'
import type { Desired } from '../manifest/manifest.ts'
import { draftPlan, makePlan } from '../plan/make-plan.ts'
import { type Check, checksOf } from '../plan/preflight/preflight.ts'
import type { Problem } from '../plan/problems/problem.ts'
import { problemGroups, problemText } from './problem-groups.ts'

/** The result of one check of `doctor`. */
export interface DoctorFinding {
  readonly name: string
  readonly ok: boolean
  readonly message: string
  /** How to fix it: sentences and commands. */
  readonly remedy?: readonly string[]
}

/** Returns a finding for the step of the connection that failed. The steps before it succeeded. */
export function connectionFailure({ code, message, hint }: ProvisionError): DoctorFinding {
  const names: Partial<Record<typeof code, string>> = {
    TLS: 'certificate',
    AUTHENTICATION: 'token',
    PERMISSION: 'privileges',
  }
  return { name: names[code] ?? 'connection', ok: false, message, ...(hint && { remedy: [hint] }) }
}

/** Reports that Proxmox answers, and its version. */
export function clusterFindings({ cluster }: Facts): readonly DoctorFinding[] {
  const offline = cluster.nodes.filter((node) => !node.online).map(({ name }) => name)
  const online = cluster.nodes.filter((node) => node.online).map(({ name }) => name)
  const down = offline.length === 0 ? '' : `; offline: ${offline.join(', ')}`
  return [
    { name: 'connection', ok: true, message: `${cluster.endpoint} answers` },
    { name: 'certificate', ok: true, message: 'is trusted' },
    { name: 'token', ok: true, message: `${cluster.identity ?? 'it'} is valid` },
    { name: 'version', ok: true, message: `Proxmox VE ${cluster.version.text}; nodes ${online.join(', ')}${down}` },
  ]
}

/** Reports what a plan says about the current state, and what the whole manifest needs, as if nothing existed yet. */
export function manifestFindings(desired: Desired, facts: Facts): readonly DoctorFinding[] {
  const plan = makePlan(desired, facts)
  const empty = { ...facts, guests: [], volumes: new Map(), listed: new Map(), namesakes: [], unreachable: [] }
  const { steps } = draftPlan(desired, { ...empty, hiddenVmids: new Set() })
  const checks = checksOf({ desired, facts: empty, steps, verdicts: new Map() })
  const told = new Set(checks.flatMap((check) => check.problems.map(({ message }) => message)))
  const others = plan.problems.filter(
    ({ message, step }) => !told.has(message) && step?.startsWith('resolve:') !== true,
  )
  return [
    ...imageFindings(facts),
    ...checks.flatMap((check) => checkFindings(check, { desired, facts })),
    ...problemGroups(plan, others).map((group) => ({
      ...problemFinding('plan', group.problem),
      message: problemText(group),
    })),
  ]
}

function problemFinding(name: string, { message, hint, file, line, column }: Problem): DoctorFinding {
  const place = file === undefined ? '' : ` (${file}:${line}:${column})`
  return { name, ok: false, message: `${message}${place}`, remedy: hint.split('\n') }
}

function imageFindings({ images }: Facts): readonly DoctorFinding[] {
  return [...images].map(([name, image]): DoctorFinding => {
    if (!(image instanceof ProvisionError)) {
      const signature = image.signature === 'not asked for' ? 'no signature required' : `signature ${image.signature}`
      return { name: `image ${name}`, ok: true, message: `${image.digest.slice(0, 19)}…, ${signature}` }
    }
    return { name: `image ${name}`, ok: false, message: image.message, ...(image.hint && { remedy: [image.hint] }) }
  })
}

interface Known {
  readonly desired: Desired
  readonly facts: Facts
}

function checkFindings({ about, problems }: Check, known: Known): readonly DoctorFinding[] {
  if (problems.length > 0) return problems.map((problem) => problemFinding(about, problem))
  // The version was already reported with the connection.
  return about === 'version' ? [] : [{ name: about, ok: true, message: inOrder(about, known) }]
}

function inOrder(about: Exclude<Check['about'], 'version'>, { desired: { machines }, facts }: Known): string {
  const storages = machines.flatMap(({ storage }) => [storage.images, storage.disks])
  const bridges = machines.flatMap(({ networks }) => networks.map(({ bridge }) => bridge))
  const words: Record<Exclude<Check['about'], 'version'>, string> = {
    nodes: nodesText(
      machines.flatMap(({ nodes }) => nodes),
      facts,
    ),
    pools: named(
      machines.flatMap(({ pool }) => pool ?? []),
      'visible to the token',
    ),
    storages: named(storages, 'active, with the required content types'),
    bridges: named(bridges, 'visible to the token'),
    space: 'enough for the planned images and disks',
    privileges: 'the token has all required privileges',
  }
  return words[about]
}

/** A node may be offline as long as no change is needed there. */
function nodesText(names: readonly string[], { cluster }: Facts): string {
  const down = new Set(cluster.nodes.filter((node) => !node.online).map(({ name }) => name))
  const offline = names.filter((name) => down.has(name))
  const online = names.filter((name) => !down.has(name))
  if (offline.length === 0) return named(names, 'online')
  return [...(online.length === 0 ? [] : [named(online, 'online')]), named(offline, 'offline')].join('; ')
}

function named(names: readonly string[], state: string): string {
  if (names.length === 0) return 'none in the manifest'
  return `${[...new Set(names)].sort((one, other) => one.localeCompare(other)).join(', ')}: ${state}`
}
