// Formats what the two runs did as a table for people.
import type { ApplyDocument } from './run-cli.ts'

const MEBIBYTE = 1024 ** 2

/**
 * Returns the table and the closing text. `fine` means that the second run changed nothing and transferred no bytes.
 */
export function runSummaryOf(
  first: ApplyDocument | undefined,
  second: ApplyDocument | undefined,
): { readonly text: string; readonly fine: boolean } {
  if (!first || !second) return { text: '\nA run gave no report: see the words above.\n', fine: false }
  const moved = second.metrics.bytesDownloaded + second.metrics.bytesUploaded
  const fine =
    first.ok && second.ok && first.changed && !second.changed && second.steps.every(({ status }) => status === 'kept')
  return {
    fine,
    text: [
      '',
      ...stepTable(first, second),
      '',
      ...machineTable(second),
      '',
      ...sums(first, second, moved),
      '',
      ...next(),
      '',
    ].join('\n'),
  }
}

function stepTable(first: ApplyDocument, second: ApplyDocument): string[] {
  const again = new Map(second.steps.map(({ id, status }) => [id, status]))
  const rows = first.steps
    .filter(({ kind }) => kind !== 'resolve')
    .map(({ id, status, ms }) => [id, status, status === 'done' ? seconds(ms) : '', again.get(id) ?? 'not needed'])
  return table(['step', 'first run', 'took', 'second run'], rows)
}

function machineTable({ vms }: ApplyDocument): string[] {
  return table(
    ['machine', 'vmid', 'node'],
    vms.map(({ name, vmid, node }) => [name, String(vmid ?? '-'), node ?? '-']),
  )
}

function sums(first: ApplyDocument, second: ApplyDocument, moved: number): string[] {
  const changes = second.steps.filter(({ status }) => status !== 'kept').length
  const bytes = moved === 0 ? 'nothing downloaded, converted or uploaded again' : `${mebibytes(moved)} moved`
  return [
    `First run:  ${first.vms.length} machines in ${seconds(first.metrics.wallMs)}`,
    `Second run: ${changes} changes in ${seconds(second.metrics.wallMs)}; ${bytes}`,
  ]
}

/** The packages are not on npm yet, so this shows commands for a clone. */
function next(): string[] {
  return [
    'Next, on your own Proxmox (PVE_ENDPOINT, PVE_TOKEN_ID, PVE_TOKEN_SECRET and PVE_FINGERPRINT set):',
    '  npm run --silent pve-provision -- init      # asks a few questions and writes pve-provision.yaml',
    '  npm run --silent pve-provision -- plan      # shows the changes',
    '  npm run --silent pve-provision -- apply',
  ]
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  return [line(head), line(widths.map((width) => '─'.repeat(width))), ...rows.map(line)]
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / MEBIBYTE)} MiB`
}
