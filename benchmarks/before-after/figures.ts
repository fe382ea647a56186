// Converts the results to figures: the ratios first, then the time of each lap.
import { type Figure, figure } from '../support/figures.ts'
import { answersTo, cpuSeconds, isComplete, type Results, wallSeconds } from './questions.ts'
import type { LapResult } from './race.ts'

export function figuresOf(results: Results): readonly Figure[] {
  const answers = answersTo(results).flatMap((answer) => answer.figure ?? [])
  const laps = Object.entries(results).flatMap(([scenario, ran]) => ran.flatMap((lap) => lapFigures(scenario, lap)))
  return [...answers, ...laps]
}

function lapFigures(scenario: string, lap: LapResult): readonly Figure[] {
  const name = `${scenario}: ${lap.contestant}, ${lap.lap}`
  const [error] = lap.errors
  if (!isComplete(lap)) return [failed(name, error ?? 'not run')]
  return [
    figure({ name: `${name}: wall`, unit: 's', values: lap.measured.map(wallSeconds), note: lap.verifies }),
    figure({ name: `${name}: cpu`, unit: 's', values: lap.measured.map(cpuSeconds) }),
  ]
}

/** A row for a failed lap, without a number. */
function failed(name: string, error: string): Figure {
  return { name, value: Number.NaN, unit: 's', ok: false, note: `failed: ${error.replaceAll(/\s+/g, ' ')}` }
}
