// Saves a plan to a file for review: what would be done, and with which options.
import { readFileSync, statSync } from 'node:fs'
import { type Prepared, ProvisionError } from '@pve-provision/core'
import { type PlanDocument, planDifferences, planDocument } from '@pve-provision/core/text'
import { reasonOf, writeNamed } from './files.ts'
import type { PlanChoices, RunOptions } from './run.ts'

const KIND = 'pve-provision plan'

export interface SavedPlan {
  readonly kind: typeof KIND
  readonly project: string
  readonly operation: 'apply' | 'destroy'
  /** The manifest, as the user named it. */
  readonly file: RunOptions['file']
  /** `NAME=VALUE`, as given. */
  readonly var?: RunOptions['var']
  readonly lockFile?: string
  /** The options that affect the plan. */
  readonly choices: PlanChoices
  /** The chosen nodes of machines that are created or moved and may run on several nodes. */
  readonly nodes: Readonly<Record<string, string>>
  readonly plan: PlanDocument
  /** The part of each machine in the digest. */
  readonly digests: Readonly<Record<string, string>>
}

/** Writes to a temporary file and renames it, so that the plan is complete or absent. It contains no secrets. */
export function savePlan(
  file: string,
  prepared: Prepared,
  asked: Omit<SavedPlan, 'kind' | 'project' | 'nodes' | 'plan' | 'digests'>,
): void {
  const { desired, plan } = prepared
  const made = plan.machines.filter(({ action }) => /^(create|replace|move)$/.test(action))
  const saved: SavedPlan = {
    kind: KIND,
    project: desired.project,
    ...asked,
    nodes: Object.fromEntries(made.map(({ name, node }) => [name, node])),
    plan: planDocument(plan),
    digests: Object.fromEntries(plan.digests ?? []),
  }
  requireReplaceable(file)
  writeNamed(file, `${JSON.stringify(saved, undefined, 2)}\n`, 0o600)
}

/** Overwrites a file only if it is a saved plan, so that a typing error cannot destroy a manifest. */
function requireReplaceable(file: string): void {
  if (!statSync(file, { throwIfNoEntry: false })?.isFile() || parsed(file)?.kind === KIND) return
  throw new ProvisionError('USAGE', `${file} exists and is not a saved plan, so it is not overwritten.`, {
    hint: 'Give the plan another name: pve-provision plan --out plan.json',
  })
}

/** @throws ProvisionError `USAGE` for a file that is not a saved plan of this version */
export function readPlan(file: string): SavedPlan {
  const saved = parsed(file)
  if (saved?.kind !== KIND)
    throw new ProvisionError('USAGE', `${file} is not a saved plan.`, {
      hint: 'Write one with: pve-provision plan --out plan.json',
    })
  if (saved.plan?.version !== 2 || saved.digests === undefined)
    throw new ProvisionError('USAGE', `${file} was written by another version of pve-provision.`, {
      hint: `Write it again with: pve-provision plan --out ${file}`,
    })
  return saved as SavedPlan
}

function parsed(file: string): Partial<SavedPlan> | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    const save = `pve-provision plan --out ${file}`
    throw new ProvisionError('USAGE', `The plan ${file} ${reasonOf(cause)}.`, {
      cause,
      // The name of a machine is not the name of a JSON file.
      hint: /^[\w*?-]+$/.test(file)
        ? `To choose machines: pve-provision apply --only ${file}\nTo save a plan: ${save}`
        : `Write one with: ${save}`,
    })
  }
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

/** @throws ProvisionError `CONFLICT` if the plan has changed since it was saved; then nothing is changed */
export function requireSame(file: string, saved: SavedPlan, { plan }: Prepared): void {
  if (saved.plan.digest === plan.digest) return
  const before = { machines: saved.plan.machines, digests: saved.digests }
  const found = planDifferences(before, { machines: plan.machines, digests: Object.fromEntries(plan.digests ?? []) })
  const different = found.length > 0 ? found : ['other templates or volumes would be removed']
  const shown =
    different.length > MOST ? [...different.slice(0, MOST), `and ${different.length - MOST} more`] : different
  throw new ProvisionError(
    'CONFLICT',
    `${file} no longer matches what apply would do; nothing was changed:\n${shown.map((one) => `- ${one}`).join('\n')}`,
    {
      hint: `Make a new plan: pve-provision plan --out ${file}`,
    },
  )
}

const MOST = 10
