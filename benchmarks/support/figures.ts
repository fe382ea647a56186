// The results of a benchmark: collected, printed as a table, and written as JSON.
import { writeFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'

export interface Figure {
  readonly name: string
  /** Median of the runs. */
  readonly value: number
  readonly unit: string
  /** What the value is compared with, measured in the same runs, alternating. */
  readonly baseline?: number
  readonly baselineName?: string
  /** `value / baseline`. Absent without a baseline. */
  readonly ratio?: number
  /** Lowest and highest ratio of a single run. */
  readonly ratioRange?: readonly [number, number]
  /** The maximum of the ratio or, without a baseline, of the value. */
  readonly target?: number
  readonly ok: boolean
  /** What was verified on both sides, and what else the reader must know. */
  readonly note?: string
}

export interface Findings {
  readonly runs: number
  readonly figures: readonly Figure[]
  readonly notes: readonly string[]
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = sorted.length / 2
  const upper = sorted[Math.floor(middle)] ?? Number.NaN
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? upper) + upper) / 2 : upper
}

export interface Comparison {
  readonly name: string
  readonly unit: string
  readonly values: readonly number[]
  readonly baseline?: { readonly name: string; readonly values: readonly number[] }
  readonly target?: number
  readonly note?: string
}

/** Creates a figure from the values of all runs. The ratio is that of the medians. */
export function figure({ name, unit, values, baseline, target, note }: Comparison): Figure {
  const value = median(values)
  const base = baseline === undefined ? undefined : median(baseline.values)
  const ratios = values.map((one, at) => one / (baseline?.values[at] ?? Number.NaN))
  const ratio = base === undefined ? undefined : value / base
  const judged = ratio ?? value
  return {
    name,
    value: round(value),
    unit,
    ...(base !== undefined && baseline !== undefined && ratio !== undefined
      ? {
          baseline: round(base),
          baselineName: baseline.name,
          ratio: round(ratio),
          ratioRange: [round(Math.min(...ratios)), round(Math.max(...ratios))] as const,
        }
      : {}),
    ...(target === undefined ? {} : { target }),
    ok: target === undefined || judged <= target,
    ...(note === undefined ? {} : { note }),
  }
}

function round(value: number): number {
  return Number(value.toPrecision(4))
}

export function machine(): string {
  const [first] = cpus()
  const gibibytes = Math.round(totalmem() / 1024 ** 3)
  return `${cpus().length} × ${first?.model.trim() ?? 'unknown'}, ${gibibytes} GiB, Linux ${release()}, Node ${process.versions.node}`
}

/** Prints the table, and writes the JSON if requested. */
export function publish({ runs, figures, notes }: Findings, jsonFile: string | undefined): void {
  console.log(`\n${machine()}; medians of ${runs}\n`)
  console.log('| what | ours | baseline | ratio (range) | target | |')
  console.log('|---|---|---|---|---|---|')
  for (const entry of figures) console.log(row(entry))
  for (const note of notes) console.log(`\n${note}`)
  if (jsonFile !== undefined) {
    writeFileSync(jsonFile, `${JSON.stringify({ machine: machine(), runs, figures, notes }, undefined, 2)}\n`)
  }
}

function row({ name, value, unit, baseline, baselineName, ratio, ratioRange, target, ok, note }: Figure): string {
  const base = baseline === undefined ? '' : `${baseline} ${unit} (${baselineName})`
  const range = ratioRange === undefined ? '' : ` (${ratioRange.join('–')})`
  const verdict = target === undefined ? '' : ok ? 'met' : 'missed'
  const cells = [
    note === undefined ? name : `${name}; ${note}`,
    Number.isNaN(value) ? '—' : `${value} ${unit}`,
    base,
    ratio === undefined ? '' : `${ratio}${range}`,
    target ?? '',
    verdict,
  ]
  return `| ${cells.join(' | ')} |`
}
