// Kills the program at random moments during download, unpacking, conversion and upload, until it has been killed often
// enough. Each round must end with the right bytes and nothing left behind.
import { join } from 'node:path'
import { type Figure, figure } from '../support/figures.ts'
import { startVendor } from '../support/vendor-server.ts'
import { makeKillImages } from './kill-images.ts'
import { type Round, runRound } from './round.ts'

export interface ImageKills {
  readonly folder: string
  readonly kills: number
  readonly seed: number
}

export interface Findings {
  readonly figures: readonly Figure[]
  readonly problems: readonly string[]
}

export async function killOverImages({ folder, kills, seed }: ImageKills): Promise<Findings> {
  const images = makeKillImages(join(folder, 'vendor'))
  const vendor = await startVendor(join(folder, 'vendor'), 8)
  const random = randomFrom(seed)
  const rounds: Round[] = []
  try {
    while (killsIn(rounds) < kills) {
      const place = join(folder, `round-${rounds.length + 1}`)
      const round = await runRound({ folder: place, vendorUrl: vendor.limited, images, random })
      rounds.push(round)
      console.error(`round ${rounds.length}: ${sentenceAbout(round)}`)
    }
  } finally {
    await vendor.stop()
  }
  return { figures: figuresOf(rounds), problems: rounds.flatMap((round) => round.problems) }
}

function killsIn(rounds: readonly Round[]): number {
  return rounds.reduce((sum, { kills }) => sum + kills, 0)
}

function sentenceAbout({ kills, during, problems }: Round): string {
  const counts = Object.entries(during).map(([what, count]) => `${what} ${count}`)
  return `killed ${kills} times (${counts.join(', ')}); ${problems.length === 0 ? 'right' : problems.join('; ')}`
}

function figuresOf(rounds: readonly Round[]): readonly Figure[] {
  const during = new Map<string, number>()
  for (const round of rounds)
    for (const [what, count] of Object.entries(round.during)) during.set(what, (during.get(what) ?? 0) + count)
  const wrong = rounds.filter((round) => round.problems.length > 0).length
  return [
    figure({ name: 'kills', unit: 'kills', values: [killsIn(rounds)] }),
    figure({ name: 'rounds', unit: 'rounds', values: [rounds.length] }),
    figure({ name: 'rounds with wrong bytes or leftovers', unit: 'rounds', values: [wrong], target: 0 }),
    ...[...during].map(([what, count]) => figure({ name: `kills during ${what}`, unit: 'kills', values: [count] })),
  ]
}

/** Repeats its numbers for the same seed: mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
