// Events that a run emits. Use events to watch a run and the report to make decisions.
import type { Plan } from './plan/plan.ts'
import type { Step } from './plan/step.ts'
import type { Outcome } from './report/report.ts'

/**
 * What happens during a run. `planned` comes first. A step that runs is `started` and later `settled`; a kept or blocked
 * step is only `settled`. `atMs` counts from the start of the run.
 */
export type ProvisionEvent =
  | { readonly type: 'planned'; readonly plan: Plan }
  | { readonly type: 'started'; readonly step: Step; readonly atMs: number }
  | { readonly type: 'progress'; readonly step: Step; readonly progress: Progress }
  | { readonly type: 'stage'; readonly step: Step; readonly stage: string }
  | { readonly type: 'note'; readonly level: NoteLevel; readonly message: string; readonly step?: Step }
  | { readonly type: 'settled'; readonly outcome: Outcome; readonly atMs: number }

/** The importance of a note. */
export type NoteLevel = 'debug' | 'info' | 'warning'

/** Progress of a step. `total` is absent while it is unknown. */
export interface Progress {
  readonly done: number
  readonly total?: number
  readonly unit: 'bytes' | 'percent'
  /** The current activity, for people: `downloading`, `qemu-img convert`, `UPID:…`. */
  readonly what?: string
}

/** Receives the events of a run. An error that it throws does not affect the run. */
export type Listener = (event: ProvisionEvent) => void

/** Passes an event to a listener that may be absent or may throw. A listener never affects the run. */
export function notify(listener: Listener | undefined, event: ProvisionEvent): void {
  try {
    listener?.(event)
  } catch {
    // An error in a listener is ignored.
  }
}
