// What a run tells while it runs. Events are for watching, the report is for deciding.
import type { Plan } from './plan/plan.ts'
import type { Step } from './plan/step.ts'
import type { Outcome } from './report/report.ts'

export type ProvisionEvent =
  | { readonly type: 'planned'; readonly plan: Plan }
  | { readonly type: 'started'; readonly step: Step; readonly atMs: number }
  | { readonly type: 'progress'; readonly step: Step; readonly progress: Progress }
  | { readonly type: 'note'; readonly level: NoteLevel; readonly message: string; readonly step?: Step }
  | { readonly type: 'settled'; readonly outcome: Outcome; readonly atMs: number }

export type NoteLevel = 'debug' | 'info' | 'warning'

/** How far a step is. `total` is absent while it is not known. */
export interface Progress {
  readonly done: number
  readonly total?: number
  readonly unit: 'bytes' | 'percent'
  /** What is being done, for people: `downloading`, `qemu-img convert`, `UPID:…`. */
  readonly what?: string
}

export type Listener = (event: ProvisionEvent) => void

/** Hands an event to a listener that may be absent or may throw: a listener never steers a run. */
export function notify(listener: Listener | undefined, event: ProvisionEvent): void {
  try {
    listener?.(event)
  } catch {
    // An observer's fault is the observer's.
  }
}
