// A report as a person reads it: failures first, then the machines, then what it cost and saved.
import { bytesText, durationText, type MachineReport, type Outcome, type Report } from '@pve-provision/core'
import { bugReport } from './bug-report.ts'
import { hintLines } from './error-text.ts'
import { wordsPaper } from './paper.ts'
import { wrap } from './wrap.ts'

const { paint } = wordsPaper

export function reportText(report: Report): string {
  const of = (wanted: Outcome['status']) => report.outcomes.filter(({ status }) => status === wanted)
  const failures = of('failed').flatMap(failureLines)
  const blocked = of('blocked').flatMap(({ step, by }) => troubleLines('blocked', `${step.id}: ${by} failed`))
  const cancelled = of('cancelled').flatMap(({ step, error }) =>
    error ? troubleLines('cancelled', `${step.id}: ${error.message}`) : [],
  )
  const bug = report.outcomes.find(({ error }) => error?.code === 'UNEXPECTED')
  const sections = [
    [...failures, ...blocked, ...cancelled],
    bug ? [bugReport(bug.error?.cause).trimEnd()] : [],
    report.machines.map(machineLine),
    report.notes.flatMap((note) => wrap(note, wordsPaper.columns)),
    [closing(report)],
  ]
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

function failureLines({ step, error }: Outcome): string[] {
  return [...troubleLines('failed', `${step.id}: ${error?.message} [${error?.code}]`), ...hintLines(error?.hint)]
}

/** Broken at words, so that what is to be copied stays whole; lines of its own stay lines. */
function troubleLines(status: 'failed' | 'blocked' | 'cancelled', text: string): string[] {
  const word = status === 'failed' ? paint.red(status) : paint.yellow(status)
  const [first = '', ...rest] = text.split('\n').flatMap((line) => wrap(line, wordsPaper.columns - status.length - 2))
  return [`${word} ${first}`, ...rest.map((line) => `  ${line}`)]
}

function machineLine({ name, vmid, node, status, ips }: MachineReport): string {
  const where = vmid === undefined ? '' : `${vmid} on ${node}`
  return `${name.padEnd(24)} ${status.padEnd(10)} ${where.padEnd(20)} ${ips?.join(', ') ?? ''}`.trimEnd()
}

function closing({ outcomes, changed, ok, metrics }: Report): string {
  const count = (wanted: Outcome['status']) => outcomes.filter(({ status }) => status === wanted).length
  const parts = (['done', 'kept', 'failed', 'blocked', 'cancelled'] as const)
    .filter((status) => count(status) > 0)
    .map((status) => `${count(status)} ${status}`)
  const verdict = ok ? (changed ? 'Done' : 'Nothing to do') : 'Not all went well'
  const serial = changed ? `; one after another ${durationText(metrics.serialMs)}` : ''
  const traffic = `${bytesText(metrics.bytesDownloaded)} fetched, ${bytesText(metrics.bytesUploaded)} sent, ${bytesText(metrics.bytesSaved)} not needed again`
  const sentences = [
    `${verdict}: ${parts.join(', ') || 'no steps'}, in ${durationText(metrics.wallMs)}${serial}.`,
    `${traffic}; ${metrics.apiRequests} requests to Proxmox.`,
  ]
  return sentences.flatMap((sentence) => wrap(sentence, wordsPaper.columns)).join('\n')
}
