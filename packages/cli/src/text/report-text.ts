// Formats a report for people: failures, machines, then a line about what was done.
import type { MachineReport, Outcome, Report } from '@pve-provision/core'
import {
  alsoFailed,
  bytesText,
  countText,
  durationText,
  type FailureGroup,
  failureGroups,
} from '@pve-provision/core/text'
import { bugReport } from './bug-report.ts'
import { hintLines, sentenceLines } from './copyable.ts'
import { stderrTerminal } from './terminal.ts'
import { wrap } from './wrap.ts'

const { paint } = stderrTerminal

export interface ReportTextOptions {
  /** The message if there was nothing to do, without a full stop. */
  readonly nothing: string
  /** Also show all kept machines, what was transferred, and how many requests were made. */
  readonly verbose?: boolean
}

export function reportText(report: Report, options: ReportTextOptions): string {
  const of = (wanted: Outcome['status']) => report.outcomes.filter(({ status }) => status === wanted)
  // Of the cancelled steps, show only those that continue in Proxmox. They have a hint.
  const goingOn = of('cancelled').filter(({ error }) => error?.hint)
  const bug = report.outcomes.find(({ error }) => error?.code === 'UNEXPECTED')
  const sections = [
    [
      ...failureGroups(of('failed')).flatMap(failureLines),
      ...blockedLines(of('blocked')),
      ...goingOn.flatMap(cancelledLines),
    ],
    bug ? [bugReport(bug.error?.cause).trimEnd()] : [],
    machineLines(report.machines, options),
    report.notes.flatMap((note) => sentenceLines(note, stderrTerminal.columns)),
    closing(report, options),
  ]
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

function failureLines(group: FailureGroup): string[] {
  const { step, error } = group
  const also = alsoFailed(group)
  return [
    ...troubleLines('failed', `${step.id}: ${error.message} [${error.code}]${also === '' ? '' : ` ${also}`}`),
    ...(error.code === 'BUILD' ? logLines(error.details.log) : []),
    ...hintLines(error.hint, stderrTerminal.columns),
  ]
}

/** Returns the last lines of the log of a failed build. */
function logLines(log: readonly string[] = []): string[] {
  return log.slice(-LOG_LINES).map((line) => paint.dim(`  | ${line}`.slice(0, stderrTerminal.columns)))
}

const LOG_LINES = 20

/** One paragraph for each cause, because many machines may wait for one image. */
function blockedLines(blocked: readonly Outcome[]): string[] {
  const byCause = Map.groupBy(blocked, ({ by }) => by ?? '')
  return [...byCause].flatMap(([by, outcomes]) =>
    troubleLines('blocked', `by ${by}: ${outcomes.map(({ step }) => step.id).join(', ')}`),
  )
}

function cancelledLines({ step, error }: Outcome): string[] {
  return [
    ...troubleLines('cancelled', `${step.id}: ${error?.message}`),
    ...hintLines(error?.hint, stderrTerminal.columns),
  ]
}

/** Wraps at words, so that commands stay complete. Existing line breaks are kept. */
function troubleLines(status: 'failed' | 'blocked' | 'cancelled', text: string): string[] {
  const word = status === 'failed' ? paint.red(status) : paint.yellow(status)
  const [first = '', ...rest] = text
    .split('\n')
    .flatMap((line) => wrap(line, stderrTerminal.columns - status.length - 2))
  return [`${word} ${first}`, ...rest.map((line) => `  ${line}`)]
}

/** More kept machines than this would hide what was done. */
const MOST_KEPT = 20

function machineLines(all: readonly MachineReport[], { verbose = false }: ReportTextOptions): string[] {
  const done = all.filter(({ status }) => status !== 'kept')
  const kept = all.length - done.length
  if (verbose || kept <= MOST_KEPT) return listed(all)
  return [...listed(done), `${countText(kept, 'machine')} kept (--verbose lists them)`]
}

function listed(machines: readonly MachineReport[]): string[] {
  const nameCells = Math.max(0, ...machines.map(({ name }) => name.length))
  const statusCells = Math.max(0, ...machines.map(({ status }) => status.length))
  return machines.flatMap(({ name, vmid, node, status, ips = [], addresses: declared }) => {
    const where = vmid === undefined ? [] : [`${vmid} on ${node}`]
    const addresses = [...new Set([...declared, ...ips])]
    const line = [name.padEnd(nameCells), status.padEnd(statusCells), ...where, ...addresses].join('  ').trimEnd()
    return line.length <= stderrTerminal.columns ? [line] : [name, `  ${[status, ...where, ...addresses].join(', ')}`]
  })
}

function closing(report: Report, { nothing, verbose = false }: ReportTextOptions): string[] {
  const { outcomes, metrics } = report
  const counts = countsOf(report)
  const sentences = [
    `${verdict(report, nothing)}${counts.length === 0 ? '' : `: ${counts.join(', ')}`}, in ${durationText(metrics.wallMs)}.`,
    ...(verbose
      ? [`${[...traffic(report), `${countText(metrics.apiRequests, 'request')} to Proxmox`].join(', ')}.`]
      : []),
    ...(outcomes.some(({ status }) => status === 'cancelled') ? ['The next run continues from here.'] : []),
  ]
  return sentences.flatMap((sentence) => wrap(sentence, stderrTerminal.columns))
}

const ENDED = ['failed', 'blocked', 'cancelled', 'created', 'replaced', 'updated', 'destroyed'] as const
const WORDS: Readonly<Partial<Record<MachineReport['status'], string>>> = { destroyed: 'removed' }

/** Counts machines by result. If a run had no machines, or if some failed, counts steps too. */
function countsOf({ ok, changed, outcomes, machines }: Report): readonly string[] {
  if (!changed && ok) return []
  const byStatus = Map.groupBy(machines, ({ status }) => status)
  const counted = ENDED.flatMap((status) => {
    const count = byStatus.get(status)?.length ?? 0
    return count === 0 ? [] : [[count, WORDS[status] ?? status] as const]
  }).map(([count, word], index) => `${index === 0 ? countText(count, 'machine') : count} ${word}`)
  if (ok && counted.length > 0) return counted
  const steps = (['done', 'failed', 'blocked', 'cancelled'] as const).flatMap((status) => {
    const count = outcomes.filter((outcome) => outcome.status === status).length
    return count === 0 ? [] : [[count, status] as const]
  })
  return [
    ...counted,
    ...steps.map(([count, word], index) => `${index === 0 ? countText(count, 'step') : count} ${word}`),
  ]
}

function verdict({ ok, changed, outcomes }: Report, nothing: string): string {
  if (ok) return changed ? 'Done' : nothing
  return outcomes.some(({ status }) => status === 'failed') ? 'Finished with errors' : 'Interrupted'
}

/** Uses the words of the plan: what this computer downloaded, and what only Proxmox downloaded. */
function traffic({ outcomes, metrics }: Report): readonly string[] {
  const pulled = outcomes.reduce(
    (sum, { step, status }) => sum + (step.kind === 'pull' && status === 'done' ? (step.sizeBytes ?? 0) : 0),
    0,
  )
  const amounts: readonly (readonly [bytes: number, what: string])[] = [
    [metrics.bytesDownloaded, 'downloaded here'],
    [pulled, 'downloaded by Proxmox'],
    [metrics.bytesUploaded, 'uploaded to Proxmox'],
    [metrics.bytesSaved, 'already there'],
  ]
  return amounts.filter(([bytes]) => bytes > 0).map(([bytes, what]) => `${bytesText(bytes)} ${what}`)
}
