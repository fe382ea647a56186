// Where a contestant works: a simulated server of its own, new for each, and the folders of its node on this machine.
import { mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Cluster, startCluster } from '../support/cluster.ts'

export interface Site {
  readonly cluster: Cluster
  /** What is kept between the runs of one contestant. */
  readonly folder: string
  /** Where the role keeps images. */
  readonly isos: string
  /** The `import` folder of the node's storage. */
  readonly importFolder: string
  /** The file of a machine's first disk. */
  diskOf(machine: string): Promise<string>
  /** Waits until the server lists these machines: Proxmox knows new names only after up to ten seconds. */
  untilListed(machines: readonly string[]): Promise<void>
  leave(): Promise<void>
}

interface Guest {
  readonly name?: string
  readonly vmid: number
}

export async function newSite(folder: string): Promise<Site> {
  rmSync(folder, { recursive: true, force: true })
  const isos = join(folder, 'isos')
  // The path that the server tells is a link to where the simulator keeps that node's files.
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
  const listed = async () => await ask<readonly Guest[]>(cluster, '/cluster/resources?type=vm')
  return {
    cluster,
    folder,
    isos,
    importFolder: join(shown, 'import'),
    async diskOf(machine) {
      const vmid = (await listed()).find(({ name }) => name === machine)?.vmid
      const disks = join(shown, 'images', String(vmid))
      return join(disks, readdirSync(disks).find((name) => name.includes('-disk-')) ?? '')
    },
    async untilListed(machines) {
      for (let tries = 0; tries < 60; tries += 1) {
        const names = new Set((await listed()).map(({ name }) => name))
        if (machines.every((name) => names.has(name))) return
        await delay(500)
      }
      throw new Error(`not all of these machines were made: ${machines.join(', ')}`)
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
