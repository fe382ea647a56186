// Compares a simulated answer with the recorded one, field by field.
import { type Field, mayDiffer, sameText } from './tolerances.ts'

export type Difference = { readonly field: string; readonly recorded: unknown; readonly simulated: unknown }

/** The compared parts of an answer. */
export type Answer = {
  readonly status: number
  readonly reason: string
  readonly contentType: string | undefined
  readonly server: string | undefined
  /** The last Connection header, because Proxmox often sends two. */
  readonly connection: string | undefined
  readonly body: unknown
}

/** Returns all differences that are not allowed. `route` is the method and the path without its ids. */
export function compareAnswers(route: string, recorded: Answer, simulated: Answer): readonly Difference[] {
  const differences: Difference[] = []
  const compareField = (field: string, one: unknown, other: unknown) => {
    compareValues({ route, path: [field] }, [one, other], differences)
  }
  compareField('status', recorded.status, simulated.status)
  compareField('reason', recorded.reason, simulated.reason)
  compareField('content-type', recorded.contentType, simulated.contentType)
  compareField('server', recorded.server, simulated.server)
  compareField('connection', recorded.connection, simulated.connection)
  compareValues({ route, path: [] }, [recorded.body, simulated.body], differences)
  return differences
}

type Pair = readonly [recorded: unknown, simulated: unknown]

function compareValues(field: Field, [recorded, simulated]: Pair, differences: Difference[]): void {
  const allowed = mayDiffer(field)
  if (allowed === 'anything') return
  if (kindOf(recorded) !== kindOf(simulated)) report(field, [recorded, simulated], differences)
  else if (allowed === 'value') return
  else if (isLog(recorded) && isLog(simulated)) compareLogs(field, [recorded, simulated], differences)
  else if (Array.isArray(recorded) && Array.isArray(simulated)) compareLists(field, [recorded, simulated], differences)
  else if (isRecord(recorded) && isRecord(simulated)) compareRecords(field, [recorded, simulated], differences)
  else if (!sameScalar(field, recorded, simulated)) report(field, [recorded, simulated], differences)
}

function compareRecords(
  field: Field,
  [recorded, simulated]: readonly [Record<string, unknown>, Record<string, unknown>],
  differences: Difference[],
): void {
  for (const key of new Set([...Object.keys(recorded), ...Object.keys(simulated)])) {
    const inside = { ...field, path: [...field.path, key] }
    compareValues(inside, [recorded[key], simulated[key]], differences)
  }
}

/** Proxmox's lists come from hashes. Only lists of tasks have an order, and only that distinguishes their entries. */
function compareLists(
  field: Field,
  [recorded, simulated]: readonly [readonly unknown[], readonly unknown[]],
  differences: Difference[],
): void {
  const names = [namesOf(recorded), namesOf(simulated)] as const
  for (const name of new Set([...names[0].keys(), ...names[1].keys()])) {
    const inside = { ...field, path: [...field.path, name] }
    compareValues(inside, [names[0].get(name), names[1].get(name)], differences)
  }
}

const IDENTITIES = ['volid', 'id', 'vmid', 'key', 'storage', 'iface', 'node', 'name', 'roleid', 'poolid']

function namesOf(items: readonly unknown[]): ReadonlyMap<string, unknown> {
  return new Map(items.map((item, index) => [nameOf(item) ?? `[${index}]`, item]))
}

function nameOf(item: unknown): string | undefined {
  if (!isRecord(item)) return typeof item === 'string' ? item : undefined
  if ('upid' in item) return undefined
  const identity = IDENTITIES.find((key) => key in item)
  return identity === undefined ? undefined : String(item[identity])
}

type LogLine = { readonly n: number; readonly t: string }

/** Compares task logs. Progress lines count as one, however many there are. */
function compareLogs(
  field: Field,
  [recorded, simulated]: readonly [readonly LogLine[], readonly LogLine[]],
  differences: Difference[],
): void {
  const [expected, actual] = [withoutProgress(recorded), withoutProgress(simulated)]
  for (let line = 0; line < Math.max(expected.length, actual.length); line++) {
    const inside = { ...field, path: [...field.path, `line ${line + 1}`] }
    compareValues(inside, [expected[line], actual[line]], differences)
  }
}

function withoutProgress(log: readonly LogLine[]): readonly string[] {
  const lines = log.map(({ t }) => t.replace(/transferred \S+ \S+ of (\S+ \S+) \(.*$/, 'transferred … of $1'))
  const isDownload = (line: string) => /^\s*\d+K[ .]+/.test(line)
  return lines.filter((line, index) => {
    const repeats = line.includes('transferred …') && line === lines[index - 1]
    return !(repeats || isDownload(line))
  })
}

function isLog(value: unknown): value is readonly LogLine[] {
  return Array.isArray(value) && value.length > 0 && value.every((line) => isRecord(line) && 'n' in line && 't' in line)
}

function sameScalar(field: Field, recorded: unknown, simulated: unknown): boolean {
  if (typeof recorded === 'string' && typeof simulated === 'string') return sameText(field, recorded, simulated)
  return Object.is(recorded, simulated)
}

function report(field: Field, [recorded, simulated]: Pair, differences: Difference[]): void {
  differences.push({ field: field.path.join(' › ') || 'body', recorded, simulated })
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
