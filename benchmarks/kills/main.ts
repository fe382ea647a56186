// Checks that kills and parallel runs break nothing: kills the program at random moments during image work, and at each
// of its requests during machine work. Then starts two and four processes at once, fifty times.
//
// Usage: npm run check:kills [-- --only images,machines,builds,disks,roll-outs,at-once] [--kills 200] [--rounds 50] [--json FILE]
// [--seed N]
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { publish } from '../support/figures.ts'
import { runAtOnce } from './at-once.ts'
import { killOverBuilds } from './builds.ts'
import { killOverDisks } from './disks.ts'
import { type Findings, killOverImages } from './images.ts'
import { killOverMachines, killOverRollOuts } from './machines.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'images,machines,builds,disks,roll-outs,at-once' },
    kills: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '50' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    json: { type: 'string' },
  },
})

const folder = mkdtempSync(join(tmpdir(), 'pve-provision-kills-'))
const only = new Set(values.only.split(','))
const findings: Findings[] = []
try {
  if (only.has('machines')) findings.push(await killOverMachines(join(folder, 'machines')))
  if (only.has('builds')) findings.push(await killOverBuilds(join(folder, 'builds')))
  if (only.has('disks')) findings.push(await killOverDisks(join(folder, 'disks')))
  if (only.has('roll-outs')) findings.push(await killOverRollOuts(join(folder, 'roll-outs')))
  if (only.has('at-once')) findings.push(await runAtOnce(join(folder, 'at-once'), Number(values.rounds)))
  if (only.has('images'))
    findings.push(await killOverImages({ folder, kills: Number(values.kills), seed: Number(values.seed) }))
} finally {
  rmSync(folder, { recursive: true, force: true })
}

const notes = [`Seed ${values.seed}.`, ...findings.flatMap(({ problems }) => problems)]
publish({ runs: 1, figures: findings.flatMap(({ figures }) => figures), notes }, values.json)
