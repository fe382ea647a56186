// Formats a change as a clause: the key, the values before and after, and when it takes effect.
import type { Change, ChangeValue } from './change.ts'

/** Formats a change: `memory 1 → 2 GiB`, `disks[0] added: 2 GiB on local`, `pool lab → unset`. */
export function changeText({ key, before, after }: Pick<Change, 'key' | 'before' | 'after'>): string {
  const textOf = (value: ChangeValue) => shortened(`${valueText(value)}${UNITS[lastPart(key)] ?? ''}`)
  if (after === undefined)
    return isPart(key) || before === undefined
      ? `${key} removed${before === undefined ? '' : `: ${textOf(before)}`}`
      : `${key} ${textOf(before)} → unset`
  if (before === undefined) return isPart(key) ? `${key} added: ${textOf(after)}` : `${key} unset → ${textOf(after)}`
  const [is, wanted] = [textOf(before), textOf(after)]
  // For a secret, say only that it changes.
  if (is === wanted) return `${key} changed`
  const unit = / ([KMGT]iB|MB\/s|s|ms)$/.exec(wanted)?.[0]
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

/** Units of numbers whose key does not name them. */
const UNITS: Readonly<Record<string, string>> = { rate: ' MB/s', up: ' s', down: ' s' }

function lastPart(key: string): string {
  return key.slice(key.lastIndexOf('.') + 1)
}

const LONGEST_VALUE = 60

/** Shows the beginning of a long text, such as a description. */
function shortened(text: string): string {
  const [first = ''] = text.split('\n', 1)
  if (first.length > LONGEST_VALUE) return `${first.slice(0, LONGEST_VALUE - 1)}…`
  return first === text ? text : `${first} …`
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
