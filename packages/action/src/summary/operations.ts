// The words for the operations of steps in the summary.
import type { Step, StepKind } from '@pve-provision/core'
import { nameList } from '@pve-provision/core/text'
import { code } from './markdown-text.ts'

export const OPERATIONS: Readonly<Record<StepKind, { readonly planned: string; readonly done: string }>> = {
  resolve: { planned: 'resolve', done: 'resolved' },
  download: { planned: 'download', done: 'downloaded' },
  convert: { planned: 'convert', done: 'converted' },
  pull: { planned: 'pull by Proxmox', done: 'pulled by Proxmox' },
  upload: { planned: 'upload', done: 'uploaded' },
  stream: { planned: 'stream', done: 'streamed' },
  template: { planned: 'create template', done: 'created template' },
  build: { planned: 'build', done: 'built' },
  seed: { planned: 'create seed ISO', done: 'created seed ISO' },
  create: { planned: 'create', done: 'created' },
  update: { planned: 'update', done: 'updated' },
  start: { planned: 'start', done: 'started' },
  wait: { planned: 'wait for', done: 'waited for' },
  destroy: { planned: 'destroy', done: 'destroyed' },
  adopt: { planned: 'adopt', done: 'adopted' },
  rename: { planned: 'rename', done: 'renamed' },
  replace: { planned: 'replace', done: 'replaced' },
  restart: { planned: 'restart', done: 'restarted' },
  move: { planned: 'move', done: 'moved' },
  'move-disks': { planned: 'move disks of', done: 'moved disks of' },
  'remove-disks': { planned: 'remove disks of', done: 'removed disks of' },
  'remove-volume': { planned: 'remove volume', done: 'removed volume' },
}

/** Returns a machine, or an image and where it goes. */
export function subjectOf(step: Step): string {
  return step.id.slice(step.id.indexOf(':') + 1)
}

/** Formats the subjects of one table cell: ranges of numbers are combined, and at most `limit` parts are shown. */
export function subjectsText(subjects: readonly string[], limit: number): string {
  if (subjects.length <= 3) return subjects.map(code).join(' ')
  const [names = '', others] = nameList(subjects, limit).split(/ and (?=\d+ more$)/)
  return `${names.split(', ').map(code).join(' ')}${others === undefined ? '' : ` and ${others}`}`
}

export interface SubjectRow {
  readonly subjects: readonly string[]
  readonly operations: string
  readonly why: string
}

/** Combines subjects with the same operations and reason in one row, at the position of the first. */
export function sameRows<Row extends Omit<SubjectRow, 'subjects'> & { readonly subject: string }>(
  rows: readonly Row[],
): readonly (SubjectRow & { readonly rows: readonly Row[] })[] {
  return [...Map.groupBy(rows, ({ operations, why }) => JSON.stringify([operations, why])).values()].map((same) => ({
    subjects: same.map(({ subject }) => subject),
    operations: same[0]?.operations ?? '',
    why: same[0]?.why ?? '',
    rows: same,
  }))
}
