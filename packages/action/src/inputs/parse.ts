// Parses lists, durations and sizes in inputs.

/** Parses names that are separated by commas, spaces or newlines. */
export function parseNames(text: string): readonly string[] {
  return [...new Set(text.split(/[\s,]+/).filter((name) => name !== ''))]
}

const MILLISECONDS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Parses `30m`, `24h`, `7d`, `90 s` or `0` into milliseconds. Returns undefined for anything else. */
export function parseDurationMs(text: string): number | undefined {
  const [, amount, unit] = /^(\d{1,6})\s*([smhd])?$/.exec(text.trim()) ?? []
  if (amount === undefined) return undefined
  if (unit === undefined) return Number(amount) === 0 ? 0 : undefined
  return Number(amount) * (MILLISECONDS[unit] ?? 0)
}

const BYTES: Readonly<Record<string, number>> = { m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 }

/** Parses `512 MiB`, `4 GiB` or `0` into bytes, with the spellings of the manifest. Returns undefined for anything else. */
export function parseSizeBytes(text: string): number | undefined {
  const [, amount, unit] = /^(\d{1,6}(?:\.\d{1,3})?)\s*(?:([mgt])(?:i?b)?)?$/i.exec(text.trim()) ?? []
  if (amount === undefined) return undefined
  if (unit === undefined) return Number(amount) === 0 ? 0 : undefined
  return Math.round(Number(amount) * (BYTES[unit.toLowerCase()] ?? 0))
}

/** Parses lines of `NAME=VALUE`; the last line of a name wins. Returns undefined if a line is malformed. */
export function parseVariables(text: string): Readonly<Record<string, string>> | undefined {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  const pairs = lines.map((line) => /^\s*([A-Za-z_]\w*)=(.*)$/.exec(line))
  if (pairs.includes(null)) return undefined
  return Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? '', (pair?.[2] ?? '').trim()]))
}
