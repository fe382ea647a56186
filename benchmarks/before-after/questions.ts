// The comparisons of pve-provision with each of the others, with their targets.
import { type Figure, figure } from '../support/figures.ts'
import type { Measured } from '../support/measure.ts'
import type { LapResult } from './race.ts'
import type { ContestantName, LapName, ScenarioName } from './scenarios.ts'

export interface Question {
  readonly scenario: ScenarioName
  readonly ours: LapName
  readonly contestant: Exclude<ContestantName, 'pve-provision'>
  readonly theirs: LapName
  readonly of: 'wall' | 'cpu'
  /** The maximum of the ratio. */
  readonly target?: number
}

const converting = (
  ours: LapName,
  contestant: Question['contestant'],
  theirs: LapName,
  target?: number,
  of: Question['of'] = 'wall',
): Question => ({ scenario: 'convert', ours, contestant, theirs, of, ...(target !== undefined && { target }) })

const limited = (contestant: Question['contestant'], target?: number): Question => ({
  scenario: 'limited',
  ours: 'cold',
  contestant,
  theirs: 'cold',
  of: 'wall',
  ...(target !== undefined && { target }),
})

export const questions: readonly Question[] = [
  converting('cold', 'before', 'cold', 0.6),
  converting('cold', 'as proposed', 'cold'),
  converting('cold', 'best Ansible', 'cold'),
  converting('cold', 'best script', 'cold', 1),
  converting('cold', 'best script', 'cold', 1.2, 'cpu'),
  converting('warm', 'before', 'warm'),
  converting('warm', 'as proposed', 'warm', 1 / 40),
  converting('warm', 'as proposed', 'warm, stat only'),
  converting('warm', 'best Ansible', 'warm'),
  converting('warm', 'best script', 'warm, configs read', 1),
  converting('warm', 'best script', 'warm', 1),
  converting('warm, hashed again', 'as proposed', 'warm', 1 / 4),
  converting('warm, hashed again', 'best script', 'warm, hashed again', 1),
  converting('one of six changed', 'as proposed', 'one of six changed'),
  converting('one of six changed', 'best Ansible', 'one of six changed'),
  converting('one of six changed', 'best script', 'one of six changed'),
  limited('before', 1 / 5),
  limited('as proposed'),
  limited('best Ansible'),
  limited('best script'),
  { ...limited('before'), ours: 'cold, pulled by Proxmox' },
]

export type Results = Readonly<Partial<Record<ScenarioName, readonly LapResult[]>>>

export interface Answer {
  readonly question: Question
  readonly ours: LapResult
  readonly theirs: LapResult
  /** Absent if one of the two did not complete every run. */
  readonly figure?: Figure
}

/** Answers the questions about the contestants that took part. */
export function answersTo(results: Results): readonly Answer[] {
  return questions.flatMap((question) => {
    const laps = results[question.scenario] ?? []
    const find = (contestant: ContestantName, name: LapName) =>
      laps.find((lap) => lap.contestant === contestant && lap.lap === name)
    const ours = find('pve-provision', question.ours)
    const theirs = find(question.contestant, question.theirs)
    return ours === undefined || theirs === undefined ? [] : [answer(question, ours, theirs)]
  })
}

function answer(question: Question, ours: LapResult, theirs: LapResult): Answer {
  if (![ours, theirs].every(isComplete)) return { question, ours, theirs }
  const value = question.of === 'wall' ? wallSeconds : cpuSeconds
  return {
    question,
    ours,
    theirs,
    figure: figure({
      name: `${question.scenario}: ${question.ours}: ${question.of}`,
      unit: 's',
      values: ours.measured.map(value),
      baseline: { name: `${question.contestant}, ${question.theirs}`, values: theirs.measured.map(value) },
      ...(question.target !== undefined && { target: question.target }),
      note: `${ours.verifies} / ${theirs.verifies}`,
    }),
  }
}

export const wallSeconds = (measured: Measured): number => measured.wallSeconds
export const cpuSeconds = (measured: Measured): number => measured.cpuSeconds
export const isComplete = ({ measured, errors }: LapResult): boolean => measured.length > 0 && errors.length === 0
