// Formats a change as a clause: the key, the values before and after, and when it takes effect.
import type { Change, ChangeValue } from './change.ts'

/** `memory 1 → 2 GiB`, `disks[0] added: 2 GiB on local`, `tags removed: blue`. */
export function changeText({ key, before, after }: Pick<Change, 'key' | 'before' | 'after'>): string {
  if (after === undefined) return `${key} removed${before === undefined ? '' : `: ${valueText(before)}`}`
  if (before === undefined)
    return isPart(key) ? `${key} added: ${valueText(after)}` : `${key} unset → ${valueText(after)}`
  const [is, wanted] = [valueText(before), valueText(after)]
  // For a secret, say only that it changes.
  if (is === wanted) return `${key} changed`
  const unit = / [KMGT]iB$/.exec(wanted)?.[0]
  const short = unit !== undefined && is.endsWith(unit) ? is.slice(0, -unit.length) : is
  return `${key} ${short} → ${wanted}`
}

/**
 * Says when a change takes effect and what it does to the guest. Empty for a change that simply takes effect at once.
 */
export function effectText({ when, impact }: Pick<Change, 'when' | 'impact'>): string {
  const time = { now: '', restart: 'when it is restarted', boot: 'at its next boot' }[when]
  return [time, impact === undefined ? '' : IMPACTS[impact]].filter((part) => part !== '').join('; ')
}

const IMPACTS: Readonly<Record<NonNullable<Change['impact']>, string>> = {
  disconnects: 'the guest loses this card',
  'new-instance': 'cloud-init then runs as on a new machine (new SSH host keys)',
  'data-loss': 'its data is lost',
  detached: 'the guest loses it, but its data is kept as an unused disk',
  'full-copy': 'its linked clone becomes a full copy',
  replaced: 'by another machine',
}

/** Formats one value for people. */
export function valueText(value: ChangeValue): string {
  if (typeof value === 'object') return value.length === 0 ? 'none' : value.join(', ')
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  return String(value)
}

/** Returns true for a network card or disk in a list, which is added or removed as a whole. */
function isPart(key: string): boolean {
  return key.endsWith(']')
}
