// `images prune`: removes unused templates and volumes, and old files of the local store on request.
import { apply, ProvisionError, preparePrune } from '@pve-provision/core'
import { bytesText, countText } from '@pve-provision/core/text'
import { EXIT } from '../exit-codes.ts'
import { withRun } from '../run.ts'
import { saySentence } from '../text/output.ts'
import { approve, type RunPlanOptions, runPlan } from './run-plan.ts'

export interface PruneOptions extends RunPlanOptions {
  /** Also remove blobs that the local store has not used for this many days. */
  readonly storeDays?: string
}

export async function pruneImages(options: PruneOptions): Promise<number> {
  const days = options.storeDays === undefined ? undefined : daysOf(options.storeDays)
  const exitCode = await runPlan(options, {
    prepare: preparePrune,
    apply,
    question: 'Remove these? This cannot be undone.',
    nothing: 'Nothing to remove, everything is in use',
  })
  return days === undefined || exitCode !== EXIT.fine ? exitCode : pruneStore(options, days)
}

function daysOf(text: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  throw new ProvisionError('USAGE', `--store-days must be a number of days, not ${text}.`)
}

const DAY_MS = 24 * 60 * 60 * 1000

function pruneStore(options: PruneOptions, days: number): Promise<number> {
  return withRun(options, async ({ world }) => {
    const old = (await world.store.list()).filter(({ usedAtMs }) => world.clock.now() - usedAtMs > days * DAY_MS)
    const what = `${countText(old.length, 'file')} in the local store, ${bytesText(old.reduce((sum, { bytes }) => sum + bytes, 0))}`
    if (old.length > 0 && (await approve(`Remove ${what}?`, options))) {
      for (const { key } of old) await world.store.remove(key)
      saySentence(`Removed: ${what}.`)
    }
    return EXIT.fine
  })
}
