// Two and four processes at the same time, each with its own cache, on a cluster without their machines. There must be
// exactly one of each machine, and all runs must report the same ones.
import { mkdirSync } from 'node:fs'
import { startVendor } from '../machines/manifest.ts'
import { figure } from '../support/figures.ts'
import { findProblems } from './cluster-state.ts'
import type { Findings } from './images.ts'
import { type Ended, type Lab, openLab } from './program.ts'

const NAMES = ['db', 'tpl-small', 'web-1', 'web-2']

export async function runAtOnce(folder: string, rounds: number): Promise<Findings> {
  mkdirSync(folder, { recursive: true })
  const vendor = await startVendor(folder)
  const lab = await openLab(
    folder,
    `project: once
images: { small: { url: "${vendor.url}", checksum: "${vendor.checksum}" } }
defaults: { image: small, node: pve1, storage: { images: local, disks: local } }
vms: { web: { count: 2, cores: 2 }, db: { memory: 1 GiB, disk: 128 MiB } }
`,
  )
  const problems: string[] = []
  try {
    for (let round = 1; round <= rounds; round += 1) {
      const runs = round % 2 === 0 ? 4 : 2
      const found = await oneRound(lab, runs)
      problems.push(...found.map((one) => `round ${round}, ${runs} at once: ${one}`))
      console.error(`${runs} at once, round ${round}: ${found.length === 0 ? 'right' : found.join('; ')}`)
    }
  } finally {
    await lab.close()
    vendor.stop()
  }
  return {
    problems,
    figures: [
      figure({ name: 'rounds of two and of four runs at once', unit: 'rounds', values: [rounds] }),
      figure({
        name: 'machines missing, twice or unfinished',
        unit: 'machines',
        values: [problems.length],
        target: 0,
      }),
    ],
  }
}

async function oneRound(lab: Lab, runs: number): Promise<readonly string[]> {
  const ended = await Promise.all(
    Array.from({ length: runs }, (_, at) => lab.run(['apply', '--auto-approve', '--json'], { cache: `cache-${at}` })),
  )
  const failed = ended.filter(({ code }) => code !== 0)
  const spoken = new Set(ended.map(machinesIn))
  const wrong = [
    ...failed.map(({ code, words }) => `ended with ${code}: ${words}`),
    ...findProblems(lab.simulator, NAMES),
    ...(spoken.size === 1 ? [] : [`the runs speak of ${[...spoken].join(' and ')}`]),
  ]
  await lab.run(['destroy', '--auto-approve', '--json'])
  return [...wrong, ...findProblems(lab.simulator, [])]
}

/** Returns the machines in the report of a run: `db 20123, web-1 24711, …`. */
function machinesIn({ output }: Ended): string {
  try {
    const { vms } = JSON.parse(output) as { readonly vms: readonly { readonly name: string; readonly vmid: number }[] }
    return vms.map(({ name, vmid }) => `${name} ${vmid}`).join(', ')
  } catch {
    return 'nothing'
  }
}
