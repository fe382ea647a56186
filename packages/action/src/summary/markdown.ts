// Formats the summary of a run as Markdown: failures, machines, changes with reasons, a timeline, and savings.
import type { MachineReport, Metrics, Outcome, Plan, ProvisionError, Report } from '@pve-provision/core'
import { type DoctorFinding, stepCounts } from '@pve-provision/core/advanced'
import { bytesText, countText, durationText, leftDifferent } from '@pve-provision/core/text'
import type { Mode } from '../inputs/mode.ts'
import { type Detail, failureSections } from './failures.ts'
import { ganttOf } from './gantt.ts'
import { code, codeBlock, folded, indented, inline, table } from './markdown-text.ts'
import { OPERATIONS, sameRows, subjectOf, subjectsText } from './operations.ts'
import { machineChangesSection, plannedSection } from './planned.ts'
import { isLack, lacksSection, problemsSection } from './problems.ts'

export interface RunSummary {
  readonly project: string
  /** The mode, or `inputs` if the inputs are invalid. */
  readonly mode: Mode | 'inputs'
  readonly plan?: Plan
  /** Absent in mode `plan`, and if the run ended before the execution. */
  readonly report?: Report
  /** Why there is no report. */
  readonly error?: ProvisionError
  /** Sentences for modes that do not plan. */
  readonly statements?: readonly string[]
  /** What mode `doctor` found. */
  readonly findings?: readonly DoctorFinding[]
  /** Sentences about the action's own caches, for the last section. */
  readonly caches?: readonly string[]
}

/** Levels of detail, from everything to very little. The first one that fits is used. */
const DETAILS: readonly Detail[] = [
  { rows: 200, bars: 60, failures: 20, logLines: 20, textLength: 2000 },
  { rows: 40, bars: 30, failures: 10, logLines: 5, textLength: 500 },
  { rows: 5, bars: 0, failures: 3, logLines: 0, textLength: 200 },
]

/**
 * Formats a summary in at most `limitBytes` of UTF-8, with less detail if it is too long. The default is GitHub's limit
 * for one step (1 MiB) minus a reserve.
 */
export function runMarkdown(summary: RunSummary, limitBytes = 1_000_000): string {
  const encoder = new TextEncoder()
  for (const detail of DETAILS) {
    const text = tell(summary, detail)
    if (encoder.encode(text).byteLength <= limitBytes) return text
  }
  return `## ${inline(summary.project)}\n\nThe full summary does not fit here; see the report.\n`.slice(0, limitBytes)
}

function tell(summary: RunSummary, detail: Detail): string {
  const { plan, report, error, caches = [] } = summary
  const idle = idlePlan(summary)
  const outcomes = report?.outcomes ?? []
  const sections = [
    `## ${heading(summary)}`,
    opening(summary),
    ...failureSections({ outcomes, error }, detail),
    statementsSection(summary.statements ?? [], detail),
    findingsSection(summary.findings ?? [], detail),
    idle ? problemsSection(idle, detail) : '',
    machinesSection(report?.machines ?? [], detail),
    ...(report
      ? [changesSection(report, detail)]
      : [machineChangesSection(plan, detail), plannedSection(plan, detail)]),
    idle ? lacksSection(idle, detail) : '',
    timelineSection(outcomes, detail),
    savingsSection(report, caches),
    notesSection(report?.notes ?? plan?.notes ?? [], detail),
    keptSection(summary, detail),
  ]
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`
}

/**
 * Returns true if nothing failed and, for a plan, if an apply could start. Missing privileges do not count, because a
 * read-only token is recommended for plans.
 */
export function isWell({ report, plan, error, findings = [] }: RunSummary): boolean {
  if (error !== undefined || findings.some(({ ok }) => !ok)) return false
  if (report !== undefined) return report.ok
  return plan === undefined || plan.problems.every(isLack)
}

/** Returns a plan that was not executed. The error of a refused apply already has its general problems. */
function idlePlan({ plan, report, error }: RunSummary): Plan | undefined {
  if (plan === undefined || report !== undefined) return undefined
  return error === undefined ? plan : { ...plan, problems: plan.problems.filter(({ step }) => step !== undefined) }
}

function heading(summary: RunSummary): string {
  return `${isWell(summary) ? '✅' : '❌'} ${inline(summary.project)}: ${summary.mode}`
}

function opening({ mode, plan, report, error }: RunSummary): string {
  if (error) return 'The run ended before anything was changed.'
  if (!report) return plan ? plannedSentence(plan) : ''
  const { metrics, changed, ok } = report
  const counted = (['done', 'kept', 'failed', 'blocked', 'cancelled'] as const)
    .map((status) => [report.outcomes.filter((outcome) => outcome.status === status).length, status] as const)
    .filter(([count]) => count > 0)
    .map(([count, status]) => `${count} ${status}`)
  const nothing = mode === 'destroy' ? 'Nothing to remove' : 'Nothing to do'
  const what = ok ? (changed ? 'Done' : nothing) : changed ? 'Finished with errors' : 'Nothing was changed'
  return `**${what}** in ${durationText(metrics.wallMs)}${counted.length > 0 ? `: ${counted.join(', ')}` : ''}.`
}

function plannedSentence(plan: Plan): string {
  const { changes, impossible, kept } = stepCounts(plan)
  if (changes + impossible === 0) {
    const different = leftDifferent(plan)
    return different.length === 0
      ? '**Nothing to do**: everything is as declared.'
      : `**Nothing to do**, but ${different.join(', and ')}.`
  }
  const cannot = impossible === 0 ? '' : `, ${impossible} that cannot be done`
  return `**${countText(changes, 'step')}** to do${cannot}, ${kept} kept.`
}

function statementsSection(statements: readonly string[], { rows, textLength }: Detail): string {
  return statements
    .slice(0, rows)
    .map((statement) => `- ${inline(statement.slice(0, textLength))}`)
    .join('\n')
}

/** Lists problems first. Findings with the same remedy are combined. */
function findingsSection(findings: readonly DoctorFinding[], { rows, textLength }: Detail): string {
  const sorted = findings.toSorted((one, other) => Number(one.ok) - Number(other.ok))
  const groups = [...Map.groupBy(sorted, findingKey).values()].slice(0, rows)
  return groups.map((same) => findingText(same, textLength)).join('\n')
}

function findingKey({ name, ok, message, remedy }: DoctorFinding): string {
  return JSON.stringify(ok || remedy === undefined ? [name, ok, message] : [name, ok, remedy])
}

/** How many findings of one kind are shown. The remedy is for all of them. */
const SAME_TOLD = 3

function findingText(same: readonly DoctorFinding[], textLength: number): string {
  const [{ name, ok, remedy = [] } = { name: '', ok: true }] = same
  const messages = same.slice(0, SAME_TOLD).map(({ message }) => inline(message.slice(0, textLength)))
  const others = same.length > SAME_TOLD ? [`… and ${same.length - SAME_TOLD} more of this kind.`] : []
  const remedies = remedy.length === 0 ? '' : `\n\n${indented(codeBlock(remedy.join('\n').slice(0, textLength)))}`
  return `- ${ok ? '✅' : '❌'} ${code(name)} ${[...messages, ...others].join('<br>')}${remedies}`
}

function machinesSection(machines: readonly MachineReport[], { rows }: Detail): string {
  if (machines.length === 0) return ''
  const known = machines.map(({ addresses, ips = [] }) => [...new Set([...addresses, ...ips])].map(code).join(' '))
  // Machines with DHCP have none if the run did not wait for their agent.
  const hasAddresses = known.some((list) => list !== '')
  const cells = machines.map(({ name, vmid, node, status }, index) => [
    code(name),
    vmid === undefined ? '' : String(vmid),
    node === undefined ? '' : inline(node),
    status,
    ...(hasAddresses ? [known[index] ?? ''] : []),
  ])
  const head = ['Name', 'ID:', 'Node', 'Status', ...(hasAddresses ? ['Addresses'] : [])]
  return `### Machines\n\n${table({ head, rows: cells }, rows)}`
}

function changesSection({ outcomes }: Report, { rows, textLength }: Detail): string {
  const done = outcomes.filter(({ status }) => status === 'done')
  if (done.length === 0) return ''
  // One row for each machine, whatever was done to it. The first operation's reason applies to the others too.
  const bySubject = Map.groupBy(done, ({ step }) => subjectOf(step))
  const changed = Array.from(bySubject, ([subject, operations]) => ({
    subject,
    operations: operations.map(({ step }) => OPERATIONS[step.kind].done).join(', '),
    why: (operations[0]?.step.why ?? '').slice(0, textLength),
    ms: operations.reduce((sum, { ms }) => sum + ms, 0),
  }))
  const cells = sameRows(changed).map(({ subjects, operations, why, rows: same }) => [
    subjectsText(subjects, rows),
    operations,
    inline(why),
    timesText(same.map(({ ms }) => ms)),
  ])
  return `### What changed, and why\n\n${table({ head: ['Subject', 'Operation', 'Why', 'Time:'], rows: cells }, rows)}`
}

/** Formats the shortest and the longest of several times. */
function timesText(times: readonly number[]): string {
  const [shortest, longest] = [Math.min(...times), Math.max(...times)].map((ms) =>
    durationText(ms).replaceAll(' ', '\u00a0'),
  )
  return shortest === longest ? `${longest}` : `${shortest} to ${longest}`
}

function timelineSection(outcomes: readonly Outcome[], { bars }: Detail): string {
  const gantt = ganttOf(outcomes, bars)
  // Not folded, because GitHub draws a diagram too small while it is hidden.
  return gantt === undefined ? '' : `### Timeline\n\n${codeBlock(gantt, 'mermaid')}`
}

function savingsSection(report: Report | undefined, caches: readonly string[]): string {
  const sentences = [...(report ? savings(report) : []), ...caches]
  if (sentences.length === 0) return ''
  return `### Cost and savings\n\n${sentences.map((sentence) => `- ${inline(sentence)}`).join('\n')}`
}

function savings({ metrics, cachedFacts, changed }: Report): readonly string[] {
  const asked = `${countText(metrics.apiRequests, 'request')} to Proxmox`
  const { ageMs = 0, requestsSaved = 0 } = cachedFacts ?? {}
  const served = `; facts about the cluster are ${durationText(ageMs)} old and came from the cache, which saved ${countText(requestsSaved, 'request')}`
  return [
    `${asked}${cachedFacts ? served : '; facts about the cluster were read again'}.`,
    ...(metrics.bytesDownloaded + metrics.bytesUploaded + metrics.bytesSaved > 0 ? [traffic(metrics)] : []),
    ...(changed && metrics.serialMs > metrics.wallMs ? [together(metrics)] : []),
    ...(metrics.retries > 0 ? [`${countText(metrics.retries, 'call')} had to be repeated.`] : []),
  ]
}

function traffic({ bytesDownloaded, bytesUploaded, bytesSaved }: Metrics): string {
  return `${bytesText(bytesDownloaded)} downloaded, ${bytesText(bytesUploaded)} uploaded, ${bytesText(bytesSaved)} already there.`
}

/** Does not claim savings: steps that slow each other down would take less time alone. */
function together({ wallMs, serialMs }: Metrics): string {
  return `All steps together took ${durationText(serialMs)}; run in parallel they took ${durationText(wallMs)}.`
}

function notesSection(notes: readonly string[], { rows, textLength }: Detail): string {
  if (notes.length === 0) return ''
  const lines = notes.slice(0, rows).map((note) => `- ${inline(note.slice(0, textLength))}`)
  return `### Notes\n\n${lines.join('\n')}`
}

function keptSection({ report, plan }: RunSummary, { rows, textLength }: Detail): string {
  const kept = report
    ? report.outcomes.filter(({ status }) => status === 'kept').map(({ step }) => step)
    : (plan?.steps.filter(({ action }) => action === 'keep') ?? [])
  if (kept.length === 0) return ''
  const cells = kept.map((step) => [step.kind, code(subjectOf(step)), inline(step.why.slice(0, textLength))])
  return folded(
    `${countText(kept.length, 'step')} unchanged`,
    table({ head: ['Step', 'Subject', 'Why'], rows: cells }, rows),
  )
}
