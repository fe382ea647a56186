// The environment of a contestant: a new simulated server, and the folders of its node on this computer.
import { mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Cluster, startCluster } from '../support/cluster.ts'

export interface Site {
  readonly cluster: Cluster
  /** What is kept between the runs of one contestant. */
  readonly folder: string
  /** Where the role stores images. */
  readonly isos: string
  /** The `import` folder of the node's storage. */
  readonly importFolder: string
  /** Returns the file of a machine's first disk. @throws Error if there is no such machine */
  diskOf(machine: string): Promise<string>
  /** Checks that all machines exist. @throws Error if one does not */
  expect(machines: readonly string[]): Promise<void>
  /** Waits until the cluster lists everything. Proxmox lists new names only after up to ten seconds. */
  settle(): Promise<void>
  leave(): Promise<void>
}

interface Guest {
  readonly name?: string
  readonly vmid: number
}

const SETTLE_MS = 250
const SETTLE_TRIES = 120

export async function newSite(folder: string): Promise<Site> {
  rmSync(folder, { recursive: true, force: true })
  const isos = join(folder, 'isos')
  // The server's path is a link to where the simulator stores that node's files.
  const shown = join(folder, 'vz')
  const real = join(folder, 'server', 'nodes', 'pve1', shown)
  for (const made of [isos, join(real, 'import')]) mkdirSync(made, { recursive: true })
  symlinkSync(real, shown)
  const cluster = await startCluster({
    nodes: ['pve1'],
    dataDirectory: join(folder, 'server'),
    storages: [{ id: 'local', path: shown }],
    latency: 'server',
  })
  const guests = () => ask<readonly Guest[]>(cluster, '/nodes/pve1/qemu')
  const listed = () => ask<readonly Guest[]>(cluster, '/cluster/resources?type=vm')
  return {
    cluster,
    folder,
    isos,
    importFolder: join(shown, 'import'),
    async diskOf(machine) {
      const vmid = (await guests()).find(({ name }) => name === machine)?.vmid
      if (vmid === undefined) throw new Error(`there is no ${machine}`)
      const disks = join(shown, 'images', String(vmid))
      return join(disks, readdirSync(disks).find((name) => name.includes('-disk-')) ?? '')
    },
    async expect(machines) {
      const names = new Set((await guests()).map(({ name }) => name))
      const absent = machines.filter((name) => !names.has(name))
      if (absent.length > 0) throw new Error(`not made: ${absent.join(', ')}`)
    },
    async settle() {
      const known = async () => (await listed()).filter(({ name }) => name !== undefined).length
      for (let tries = 0; tries < SETTLE_TRIES; tries += 1) {
        if ((await known()) >= (await guests()).length) return
        await delay(SETTLE_MS)
      }
      throw new Error('the cluster does not list all of its machines')
    },
    async leave() {
      await cluster.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const agent = new Agent({ rejectUnauthorized: false, keepAlive: false })

function ask<Data>({ endpoint, tokenId, tokenSecret }: Cluster, path: string): Promise<Data> {
  const headers = { Authorization: `PVEAPIToken=${tokenId}=${tokenSecret}` }
  const { promise, resolve, reject } = Promise.withResolvers<Data>()
  const call = request(`${endpoint}/api2/json${path}`, { agent, headers }, (answer) => {
    let text = ''
    answer.on('data', (data: Buffer) => {
      text += data.toString()
    })
    answer.on('end', () => resolve((JSON.parse(text) as { data: Data }).data))
  })
  call.on('error', reject).end()
  return promise
}
