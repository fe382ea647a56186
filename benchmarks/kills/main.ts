// Kills the program at random moments, over download, unpacking, conversion and upload, until it has been killed
// often enough; each round must end in the right bytes with nothing left behind.
// Usage: npm run check:kills [-- --kills 200] [--json FILE] [--seed N]
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Figure, figure, publish } from '../support/figures.ts'
import { startVendor } from '../support/vendor-server.ts'
import { makeKillImages } from './kill-images.ts'
import { type Round, runRound } from './round.ts'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    json: { type: 'string' },
  },
})

const folder = mkdtempSync(join(tmpdir(), 'pve-provision-kills-'))
const images = makeKillImages(join(folder, 'vendor'))
const vendor = await startVendor(join(folder, 'vendor'), 8)
const random = randomFrom(Number(values.seed))
const rounds: Round[] = []
const killsSoFar = (): number => rounds.reduce((sum, { kills }) => sum + kills, 0)
try {
  while (killsSoFar() < Number(values.kills)) {
    const round = await runRound({
      folder: join(folder, `round-${rounds.length + 1}`),
      vendorUrl: vendor.limited,
      images,
      random,
    })
    rounds.push(round)
    const { kills, during, complaints } = round
    console.error(
      `round ${rounds.length}: killed ${kills} times (${Object.entries(during)
        .map(([what, count]) => `${what} ${count}`)
        .join(', ')}); ${complaints.length === 0 ? 'right' : complaints.join('; ')}`,
    )
  }
} finally {
  await vendor.stop()
  rmSync(folder, { recursive: true, force: true })
}

const complaints = rounds.flatMap((round) => round.complaints)
const during = new Map<string, number>()
for (const round of rounds)
  for (const [what, count] of Object.entries(round.during)) during.set(what, (during.get(what) ?? 0) + count)
const figures: Figure[] = [
  figure({ name: 'kills', unit: 'kills', values: [killsSoFar()] }),
  figure({ name: 'rounds', unit: 'rounds', values: [rounds.length] }),
  figure({
    name: 'rounds with wrong bytes or leftovers',
    unit: 'rounds',
    values: [rounds.filter((round) => round.complaints.length > 0).length],
    target: 0,
  }),
  ...[...during].map(([what, count]) => figure({ name: `kills during ${what}`, unit: 'kills', values: [count] })),
]
publish({ runs: 1, figures, notes: [`Seed ${values.seed}.`, ...complaints] }, values.json)

/** The same numbers for the same seed: mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
