// The words for the operations of steps in the summary.
import type { Step, StepKind } from '@pve-provision/core'

export const OPERATIONS: Readonly<Record<StepKind, { readonly planned: string; readonly done: string }>> = {
  resolve: { planned: 'resolve', done: 'resolved' },
  download: { planned: 'download', done: 'downloaded' },
  convert: { planned: 'convert', done: 'converted' },
  pull: { planned: 'pull by Proxmox', done: 'pulled by Proxmox' },
  upload: { planned: 'upload', done: 'uploaded' },
  stream: { planned: 'stream through', done: 'streamed through' },
  template: { planned: 'make template', done: 'made template' },
  seed: { planned: 'make seed ISO', done: 'made seed ISO' },
  create: { planned: 'create', done: 'created' },
  update: { planned: 'update', done: 'updated' },
  start: { planned: 'start', done: 'started' },
  wait: { planned: 'wait for', done: 'waited for' },
  destroy: { planned: 'destroy', done: 'destroyed' },
  adopt: { planned: 'take over', done: 'taken over' },
  rename: { planned: 'rename', done: 'renamed' },
  replace: { planned: 'replace', done: 'replaced' },
  restart: { planned: 'restart', done: 'restarted' },
  move: { planned: 'move', done: 'moved' },
  'remove-volume': { planned: 'remove volume', done: 'removed volume' },
}

/** Returns a machine, or an image and where it goes. */
export function subjectOf(step: Step): string {
  return step.id.slice(step.id.indexOf(':') + 1)
}
