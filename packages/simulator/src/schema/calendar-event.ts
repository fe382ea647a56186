// Calendar events of schedules: `mon..fri 02:30`, `*/15`, `*-*-1 04:00`, `daily` (proxmox-time, a subset of systemd's).
import type { FormatCheck } from './format-check.ts'

const KEYWORD = /^(?:minutely|hourly|daily|weekly|monthly|quarterly|semiannually|semi-annually|yearly|annually)$/
const DAY = '(?:mon(?:day)?|tue(?:s|sday)?|wed(?:nesday)?|thu(?:r|rs|rsday)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)'
const DAYS = new RegExp(`^${DAY}(?:(?:\\.\\.|-)${DAY})?(?:,${DAY}(?:(?:\\.\\.|-)${DAY})?)*$`, 'i')
const NUMBER = '(?:\\*|\\d+(?:\\.\\.\\d+)?)(?:/\\d+)?'
const LIST = `${NUMBER}(?:,${NUMBER})*`
const DATE = new RegExp(`^(?:${LIST}-)?${LIST}-${LIST}$`)
const TIME = new RegExp(`^(?:${LIST}|${LIST}:${LIST}(?::${LIST})?)$`)

function isCalendarEvent(text: string): boolean {
  const words = text.trim().split(/\s+/)
  if (words.length === 1 && KEYWORD.test(words[0] ?? '')) return true
  const rest = [DAYS, DATE, TIME].reduce<readonly string[]>(
    (left, part) => (part.test(left[0] ?? '') ? left.slice(1) : left),
    words,
  )
  return rest.length === 0
}

/** The text of the error depends on where reading stopped. Only an unknown first word is told as Proxmox tells it. */
export const calendarEvent: FormatCheck = (text) =>
  isCalendarEvent(text)
    ? undefined
    : `invalid calendar event '${text}' - unable to parse calendar event at '${text}' - Context("weekday")\n\n`
