// Creates linked clones of three images on an empty cluster: `apply` as a whole process, and Terraform with bpg/proxmox
// if installed.
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import {
  copyFileSync,
  createReadStream,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { type Cluster, type Counts, polls, startCluster } from '../support/cluster.ts'
import { type Figure, figure } from '../support/figures.ts'
import { measure } from '../support/measure.ts'

const CLI = join(process.cwd(), 'packages/cli/dist/main.js')
const IMAGES = ['one', 'two', 'three']
const MIB = 1024 ** 2

export interface ClonesQuestion {
  readonly machines: readonly number[]
  readonly runs: number
  readonly folder: string
  /** The folder of bpg's provider, built manually from its Go module. Without it there is no comparison. */
  readonly provider?: string | undefined
}

export async function compareClones({ machines, runs, folder, provider }: ClonesQuestion): Promise<readonly Figure[]> {
  const vendor = await startServer(join(folder, 'clones'))
  const program = ['tofu', 'terraform'].find((name) => spawnSync(name, ['version'], { stdio: 'ignore' }).status === 0)
  const figures: Figure[] = []
  try {
    for (const count of machines) {
      const results: Results = { ours: [], terraform: [] }
      for (let run = 0; run < runs; run += 1) {
        results.ours.push(await ours(count, { vendor, folder: join(folder, `ours-${count}-${run}`) }))
        if (program !== undefined && provider !== undefined)
          results.terraform.push(
            await terraform(count, { vendor, folder: join(folder, `terraform-${count}-${run}`), program, provider }),
          )
      }
      figures.push(...figuresOf(count, results))
    }
    return figures
  } finally {
    vendor.stop()
  }
}

interface Ran {
  readonly coldSeconds: number
  readonly coldRequests: number
  readonly coldPolls: number
  readonly againSeconds: number
  readonly againRequests: number
}

interface Results {
  readonly ours: Ran[]
  readonly terraform: Ran[]
}

function figuresOf(count: number, { ours: own, terraform: theirs }: Results): readonly Figure[] {
  const of = (key: keyof Ran, rows: readonly Ran[]) => rows.map((row) => row[key])
  const against = (key: keyof Ran) =>
    theirs.length === 0 ? {} : { baseline: { name: 'bpg/proxmox, ten at once', values: of(key, theirs) } }
  const name = `${count} linked clones of 3 images`
  return [
    figure({
      name: `${name}, from nothing`,
      unit: 's',
      values: of('coldSeconds', own),
      ...against('coldSeconds'),
      ...(theirs.length > 0 && { target: 0.4 }),
      note: 'no step failed and no lock timed out',
    }),
    figure({
      name: `${name}, from nothing, requests`,
      unit: 'requests',
      values: of('coldRequests', own),
      ...against('coldRequests'),
      target: theirs.length > 0 ? 1 : 135,
      note: `${of('coldPolls', own).join(', ')} of them ask how a task is doing`,
    }),
    figure({
      name: `${name}, nothing to do`,
      unit: 's',
      values: of('againSeconds', own),
      ...against('againSeconds'),
    }),
    figure({
      name: `${name}, nothing to do, requests`,
      unit: 'requests',
      values: of('againRequests', own),
      ...against('againRequests'),
    }),
  ]
}

interface Server {
  readonly url: string
  /** Lower-case hex, by image name. */
  readonly sha256: Readonly<Record<string, string>>
  stop(): void
}

/** Serves three qcow2 disks of 1 GiB, each with 100 MiB of incompressible data. */
async function startServer(folder: string): Promise<Server> {
  mkdirSync(folder, { recursive: true })
  const sha256 = Object.fromEntries(IMAGES.map((name) => [name, makeImage(folder, name)]))
  const server = createServer((request, response) => {
    const path = join(folder, (request.url ?? '/').slice(1).replaceAll('..', ''))
    if (!existsSync(path)) return void response.writeHead(404).end()
    const { size } = statSync(path)
    const [, from, to] = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '') ?? []
    const start = Number(from ?? 0)
    const end = to ? Number(to) : size - 1
    response.writeHead(from === undefined ? 200 : 206, {
      'Content-Length': end - start + 1,
      'Accept-Ranges': 'bytes',
      ETag: `"${size}"`,
      ...(from !== undefined && { 'Content-Range': `bytes ${start}-${end}/${size}` }),
    })
    if (request.method === 'HEAD') return void response.end()
    createReadStream(path, { start, end }).pipe(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return { url: `http://127.0.0.1:${port}`, sha256, stop: () => void server.close() }
}

function makeImage(folder: string, name: string): string {
  const [raw, path] = [join(folder, `${name}.raw`), join(folder, `${name}.qcow2`)]
  writeFileSync(raw, randomBytes(100 * MIB))
  execFileSync('truncate', ['-s', '1G', raw])
  execFileSync('qemu-img', ['convert', '-q', '-O', 'qcow2', raw, path])
  rmSync(raw)
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}

interface Place {
  readonly vendor: Server
  readonly folder: string
}

/** Starts a new cluster for each run, with the latencies of a real server. */
async function withCluster<Result>(work: (cluster: Cluster) => Promise<Result>): Promise<Result> {
  const cluster = await startCluster({ nodes: ['pve1'], storages: [{ id: 'local' }], latency: 'server' })
  try {
    return await work(cluster)
  } finally {
    await cluster.stop()
  }
}

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGmaCpd5WgxkA1A7jPY2ZsOqbR/2qBGeWrCsjZoITTcC bench'

async function ours(count: number, { vendor, folder }: Place): Promise<Ran> {
  mkdirSync(folder, { recursive: true })
  const manifest = join(folder, 'pve-provision.yaml')
  const images = IMAGES.map((name) => [
    name,
    { url: `${vendor.url}/${name}.qcow2`, checksum: `sha256:${vendor.sha256[name]}` },
  ])
  const vms = IMAGES.map((image, at) => [`m-${image}`, { image, count: share(count, at) }])
  writeFileSync(
    manifest,
    JSON.stringify({
      project: 'bench',
      images: Object.fromEntries(images),
      defaults: {
        node: 'pve1',
        storage: { images: 'local', disks: 'local' },
        cores: 1,
        memory: '512 MiB',
        network: { bridge: 'vmbr0' },
        cloudInit: { user: 'ops', sshKeys: [KEY], ip: 'dhcp' },
      },
      vms: Object.fromEntries(vms),
    }),
  )
  return withCluster(async (cluster) => {
    const environment = { ...cluster.environment, PVE_PROVISION_CACHE: join(folder, 'cache') }
    const run = (...words: readonly string[]) =>
      measure([process.execPath, CLI, ...words, '--file', manifest, '--json'], { environment })
    return measured('pve-provision', cluster, {
      cold: async () => {
        const { wallSeconds, output } = await run('apply', '--auto-approve')
        const { retries } = (JSON.parse(output) as { readonly metrics: { readonly retries: number } }).metrics
        if (retries > 0) console.error(`  ${retries} calls were repeated`)
        return wallSeconds
      },
      again: async () => (await run('plan', '--detailed-exitcode')).wallSeconds,
    })
  })
}

interface Job {
  readonly cold: () => Promise<number>
  readonly again: () => Promise<number>
}

async function measured(who: string, cluster: Cluster, { cold, again }: Job): Promise<Ran> {
  await cluster.clear()
  const coldSeconds = await cold()
  const first: Counts = await cluster.counts()
  await cluster.clear()
  const againSeconds = await again()
  const second = await cluster.counts()
  console.error(
    `  ${who}: ${coldSeconds.toFixed(2)} s with ${first.total} requests (${polls(first)} polls), then ${againSeconds.toFixed(2)} s with ${second.total}`,
  )
  return {
    coldSeconds,
    coldRequests: first.total,
    coldPolls: polls(first),
    againSeconds,
    againRequests: second.total,
  }
}

function share(count: number, at: number): number {
  return Math.floor((count * (at + 1)) / IMAGES.length) - Math.floor((count * at) / IMAGES.length)
}

interface Rival extends Place {
  readonly program: string
  readonly provider: string
}

async function terraform(count: number, { vendor, folder, program, provider }: Rival): Promise<Ran> {
  mkdirSync(folder, { recursive: true })
  copyFileSync(join(import.meta.dirname, 'rivals/clones.tf'), join(folder, 'main.tf'))
  const settings = join(folder, 'terraform.rc')
  writeFileSync(
    settings,
    `provider_installation {\n  dev_overrides { "bpg/proxmox" = ${JSON.stringify(provider)} }\n  direct {}\n}\n`,
  )
  return withCluster(async (cluster) => {
    const environment = {
      TF_CLI_CONFIG_FILE: settings,
      TF_IN_AUTOMATION: '1',
      CHECKPOINT_DISABLE: '1',
      ...variablesOf(count, vendor),
      PROXMOX_VE_ENDPOINT: cluster.endpoint,
      PROXMOX_VE_API_TOKEN: `${cluster.tokenId}=${cluster.tokenSecret}`,
    }
    const run = async (...words: readonly string[]) =>
      (await measure([program, `-chdir=${folder}`, ...words, '-no-color', '-input=false'], { environment })).wallSeconds
    return measured('bpg/proxmox', cluster, {
      cold: () => run('apply', '-auto-approve', '-parallelism=10'),
      again: () => run('plan', '-detailed-exitcode', '-parallelism=10'),
    })
  })
}

/** The variables of `rivals/clones.tf`. */
function variablesOf(count: number, { url, sha256 }: Server): Readonly<Record<string, string>> {
  const images = IMAGES.map((name, at) => [name, { url: `${url}/${name}.qcow2`, sha256: sha256[name], vmid: 900 + at }])
  const machines = IMAGES.flatMap((name, at) =>
    Array.from({ length: share(count, at) }, (_, index) => [`m-${name}-${index + 1}`, name]),
  )
  return {
    TF_VAR_images: JSON.stringify(Object.fromEntries(images)),
    TF_VAR_machines: JSON.stringify(Object.fromEntries(machines)),
    TF_VAR_key: KEY,
  }
}
