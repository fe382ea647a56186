// A report as a person reads it: failures first, then the machines, then what it cost and saved.
import { bytesText, durationText, type MachineReport, type Outcome, type Report } from '@pve-provision/core'
import { paint } from './paint.ts'

export function reportText(report: Report): string {
  const failures = report.outcomes.filter(({ status }) => status === 'failed').flatMap(failureLines)
  const blocked = report.outcomes
    .filter(({ status }) => status === 'blocked')
    .map(({ step, by }) => `${paint.yellow('blocked')} ${step.id}: ${by} failed`)
  const cancelled = report.outcomes
    .filter(({ status, error }) => status === 'cancelled' && error)
    .map(({ step, error }) => `${paint.yellow('cancelled')} ${step.id}: ${error?.message}`)
  const sections = [
    [...failures, ...blocked, ...cancelled],
    report.machines.map(machineLine),
    report.notes,
    [closing(report)],
  ]
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

function failureLines({ step, error }: Outcome): string[] {
  const lines = [`${paint.red('failed')} ${step.id}: ${error?.message} [${error?.code}]`]
  if (error?.hint) lines.push(`  → ${error.hint}`)
  return lines
}

function machineLine({ name, vmid, node, status, ips }: MachineReport): string {
  const where = vmid === undefined ? '' : `${vmid} on ${node}`
  return `${name.padEnd(24)} ${status.padEnd(10)} ${where.padEnd(20)} ${ips?.join(', ') ?? ''}`.trimEnd()
}

function closing({ outcomes, changed, ok, metrics }: Report): string {
  const count = (wanted: Outcome['status']) => outcomes.filter(({ status }) => status === wanted).length
  const parts = [`${count('done')} done`, `${count('kept')} kept`]
  for (const status of ['failed', 'blocked', 'cancelled'] as const)
    if (count(status) > 0) parts.push(`${count(status)} ${status}`)
  const time = `in ${durationText(metrics.wallMs)}${changed ? `; one after another ${durationText(metrics.serialMs)}` : ''}`
  const traffic = `${bytesText(metrics.bytesDownloaded)} fetched, ${bytesText(metrics.bytesUploaded)} sent, ${bytesText(metrics.bytesSaved)} not needed again`
  return `${ok ? (changed ? 'Done' : 'Nothing to do') : 'Not all went well'}: ${parts.join(', ')} ${time}.\n${traffic}; ${metrics.apiRequests} requests to Proxmox.`
}
