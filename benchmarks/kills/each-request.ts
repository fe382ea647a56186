// Rounds in which the program is killed at each of its requests in turn.
import type { Vendor } from '../machines/manifest.ts'
import { findProblems } from './cluster-state.ts'
import { type Lab, openLab } from './program.ts'

export const APPLY = ['apply', '--auto-approve', '--json']

export interface Place {
  readonly folder: string
  readonly vendor: Vendor
}

export interface Round {
  /** It completed before its n-th request, so there are no more. */
  readonly isLast: boolean
  readonly problems: readonly string[]
}

export async function eachRequest(what: string, round: (dieAt: number) => Promise<Round>) {
  const problems: string[] = []
  for (let dieAt = 1; ; dieAt += 1) {
    const ended = await round(dieAt)
    problems.push(...ended.problems.map((one) => `${what} killed with request ${dieAt}: ${one}`))
    console.error(`${what}, request ${dieAt}: ${ended.problems.length === 0 ? 'right' : ended.problems.join('; ')}`)
    if (ended.isLast) return { kills: dieAt - 1, problems }
  }
}

/** Runs a round on a cluster of its own. */
export async function inLab(folder: string, manifest: string, work: (lab: Lab) => Promise<Round>): Promise<Round> {
  const lab = await openLab(folder, manifest)
  try {
    return await work(lab)
  } finally {
    await lab.close()
  }
}

/** The next run must succeed with the right result, and the one after it must change nothing. */
export async function afterTheNext(
  lab: Lab,
  words: readonly string[],
  names: readonly string[],
): Promise<readonly string[]> {
  const next = await lab.run(words)
  if (next.code !== 0) return [`the next run ended with ${next.code}: ${next.words}`]
  const wrong = findProblems(lab.simulator, names)
  const again = await lab.run(words)
  const { changed } = JSON.parse(again.output) as { readonly changed?: boolean }
  return [...wrong, ...(changed === false ? [] : ['the run after it still found something to do'])]
}
