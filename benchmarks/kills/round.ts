// One round: a new cluster and a new cache. The program is killed until it completes.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startCluster } from '../support/cluster.ts'
import type { KillImage } from './kill-images.ts'

export interface RoundSettings {
  readonly folder: string
  readonly vendorUrl: string
  readonly images: readonly KillImage[]
  readonly random: () => number
}

export interface Round {
  readonly kills: number
  /** How often steps of each kind were running when it was killed. */
  readonly during: Readonly<Record<string, number>>
  readonly problems: readonly string[]
}

const CLI = join(process.cwd(), 'packages/cli/dist/main.js')
/** After this many kills, the program is no longer killed in this round, and must succeed. */
const MOST_KILLS = 40
const SHORTEST_LIFE_MS = 150
const LONGEST_LIFE_MS = 1400

export async function runRound({ folder, vendorUrl, images, random }: RoundSettings): Promise<Round> {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'pve-provision.yaml'), manifest(vendorUrl, images))
  const cluster = await startCluster({ dataDirectory: join(folder, 'cluster'), nodes: ['pve1'], latency: 'laptop' })
  const cache = join(folder, 'cache')
  const during: Record<string, number> = {}
  let kills = 0
  try {
    for (;;) {
      const lifeMs = kills < MOST_KILLS ? SHORTEST_LIFE_MS + random() * (LONGEST_LIFE_MS - SHORTEST_LIFE_MS) : 120_000
      const { code, words } = await live({
        folder,
        lifeMs,
        withChildren: random() < 0.5,
        environment: { ...cluster.environment, PVE_PROVISION_CACHE: cache },
      })
      if (code === 0) break
      if (code !== 'killed') return { kills, during, problems: [`ended with ${code}: ${words}`] }
      kills += 1
      for (const what of whatWasGoingOn(words)) during[what] = (during[what] ?? 0) + 1
    }
    return { kills, during, problems: [...wrongBytes(join(folder, 'cluster'), images), ...leftovers(cache)] }
  } finally {
    await cluster.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

function manifest(vendorUrl: string, images: readonly KillImage[]): string {
  const entries = images.map(
    ({ name, file, sha256, wishes }) =>
      `  ${name}: { url: ${vendorUrl}/${file}, checksum: "sha256:${sha256}", ${wishes} }`,
  )
  const machines = images.map(({ name }) => `  vm-${name}: { image: ${name} }`)
  return `project: kills
images:
${entries.join('\n')}
defaults:
  node: pve1
  storage: { images: local, disks: local }
  memory: 512 MiB
  network: { bridge: vmbr0 }
vms:
${machines.join('\n')}
`
}

interface Life {
  readonly folder: string
  readonly lifeMs: number
  /** Also kill qemu-img and xz. If they continue, the case is harder. */
  readonly withChildren: boolean
  readonly environment: Readonly<Record<string, string>>
}

async function live({
  folder,
  lifeMs,
  withChildren,
  environment,
}: Life): Promise<{ code: number | 'killed'; words: string }> {
  const child = spawn(process.execPath, [CLI, 'apply', '--auto-approve', '--verbose', '--no-color'], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
    // A separate process group, which can be killed as a whole.
    detached: true,
  })
  let words = ''
  child.stderr.on('data', (data: Buffer) => {
    words = (words + data.toString()).slice(-20_000)
  })
  const timer = setTimeout(() => {
    if (child.pid !== undefined) process.kill(withChildren ? -child.pid : child.pid, 'SIGKILL')
  }, lifeMs)
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  clearTimeout(timer)
  return { code: signal === 'SIGKILL' ? 'killed' : (code ?? 1), words }
}

/** Returns the steps that had started and not ended, from the program's own output. */
function whatWasGoingOn(words: string): readonly string[] {
  const running = new Set<string>()
  for (const line of words.split('\n')) {
    const [mark, step = ''] = line.split(' ')
    if (mark === '…') running.add(step)
    else running.delete(step.replace(/:$/, ''))
  }
  const kinds = [...running].map((step) => step.split(':', 1)[0] ?? step)
  return kinds.length === 0 ? ['before or between steps'] : [...new Set(kinds)]
}

function wrongBytes(data: string, images: readonly KillImage[]): readonly string[] {
  return images.flatMap(({ name, raw }) => {
    const volumes = globSync(`**/import/${name}-*`, { cwd: data })
    if (volumes.length === 0) return [`${name} has no volume`]
    return volumes.flatMap((volume) => {
      try {
        execFileSync(
          'qemu-img',
          ['compare', '-f', volume.endsWith('.raw') ? 'raw' : 'qcow2', '-F', 'raw', join(data, volume), raw],
          { stdio: 'pipe' },
        )
        return []
      } catch (error) {
        return [`${volume} is not ${name}: ${error instanceof Error ? error.message : String(error)}`]
      }
    })
  })
}

function leftovers(cache: string): readonly string[] {
  return readdirSync(join(cache, 'v1/temporary')).map((name) => `left in the cache: ${name}`)
}
