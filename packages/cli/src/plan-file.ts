// A plan that was saved to be looked at: what would be done, and how it was asked for.
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { type Prepared, ProvisionError } from '@pve-provision/core'
import { type PlanDocument, planDifferences, planDocument } from '@pve-provision/core/text'
import type { PlanChoices, RunOptions } from './run.ts'

const KIND = 'pve-provision plan'

export interface SavedPlan {
  readonly kind: typeof KIND
  readonly project: string
  readonly operation: 'apply' | 'destroy'
  /** The manifest, as it was named. */
  readonly file: RunOptions['file']
  /** `NAME=VALUE`, as given. */
  readonly var?: RunOptions['var']
  readonly lockFile?: string
  /** What was asked for beside the manifest. */
  readonly choices: PlanChoices
  /** Where new machines are put that may be on several nodes. */
  readonly nodes: Readonly<Record<string, string>>
  readonly plan: PlanDocument
}

/** Written aside and renamed, so that there is a whole plan or none. It holds no secret. */
export function savePlan(
  file: string,
  prepared: Prepared,
  asked: Omit<SavedPlan, 'kind' | 'project' | 'nodes' | 'plan'>,
): void {
  const { desired, plan } = prepared
  const made = plan.machines.filter(({ action }) => action === 'create' || action === 'replace')
  const saved: SavedPlan = {
    kind: KIND,
    project: desired.project,
    ...asked,
    nodes: Object.fromEntries(made.map(({ name, node }) => [name, node])),
    plan: planDocument(plan),
  }
  const aside = `${file}.${process.pid}`
  try {
    writeFileSync(aside, `${JSON.stringify(saved, undefined, 2)}\n`, { mode: 0o600 })
    renameSync(aside, file)
  } catch (cause) {
    throw new ProvisionError('DISK', `The plan cannot be written to ${file}.`, { cause, details: { path: file } })
  }
}

/** @throws ProvisionError `USAGE` for what is no saved plan of this version */
export function readPlan(file: string): SavedPlan {
  const saved = parsed(file)
  if (saved?.kind !== KIND) throw new ProvisionError('USAGE', `${file} is not a saved plan.`, { hint: REPLAN(file) })
  if (saved.plan?.version !== 2)
    throw new ProvisionError('USAGE', `${file} was written by another version of pve-provision.`, {
      hint: REPLAN(file),
    })
  return saved as SavedPlan
}

const REPLAN = (file: string) => `Write one with: pve-provision plan --out ${file}`

function parsed(file: string): Partial<SavedPlan> | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new ProvisionError('USAGE', `The plan ${file} cannot be read.`, { cause, hint: REPLAN(file) })
  }
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

/** @throws ProvisionError `CONFLICT` where something would be done that was not looked at; nothing is changed then */
export function requireSame(file: string, saved: SavedPlan, { plan }: Prepared): void {
  const now = planDocument(plan)
  if (saved.plan.digest === now.digest) return
  const different = planDifferences(saved.plan, now)
  const shown =
    different.length > MOST ? [...different.slice(0, MOST), `and ${different.length - MOST} more`] : different
  throw new ProvisionError(
    'CONFLICT',
    `What ${file} says would no longer be done as it says; nothing was changed:\n${shown.map((one) => `- ${one}`).join('\n')}`,
    {
      hint: `Look again: pve-provision plan --out ${file}`,
    },
  )
}

const MOST = 10
