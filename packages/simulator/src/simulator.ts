// createSimulator: a complete cluster behind one HTTPS endpoint.
import { randomUUID } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir, totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import { openCertificate, renewCertificate } from './certificate.ts'
import { realClock, virtualClock } from './clock.ts'
import { openControl } from './control/open-control.ts'
import { type Endpoints, openEndpoints } from './endpoints.ts'
import { createFaults, type Faults } from './faults/faults.ts'
import { type GuestHandle, guestHandle } from './guests/inside/guest-handle.ts'
import { actOnPower } from './guests/power.ts'
import { createTickets } from './http/authenticate.ts'
import { createRequestLog, type RequestLog } from './http/request-log.ts'
import { latencyOf } from './latency.ts'
import { createLocks, createWorkers } from './locks.ts'
import { defaultStorages, type SimulatorOptions } from './options.ts'
import { type MachineSeed, seedMachines } from './seed-machines.ts'
import { openDatacenter } from './state/datacenter.ts'
import { writeWhole } from './state/files.ts'
import { openFirewalls } from './state/firewall.ts'
import { defaultBehaviour } from './state/guest-behaviour.ts'
import { openHaConfig } from './state/ha-config.ts'
import { openMachines } from './state/machines.ts'
import { openMappings } from './state/mappings.ts'
import { openSectionFiles } from './state/section-file.ts'
import { makeUser, openUserConfig, type UserConfig } from './state/user-config.ts'
import { backendsOf } from './storage/activate.ts'
import { makeStorage, openStorages, type StorageDatabase } from './storage/storage-config.ts'
import { createTasks } from './tasks/tasks.ts'
import type { NodeState, World } from './world.ts'

export interface Simulator {
  /** `https://127.0.0.1:PORT` */
  readonly endpoint: string
  /** The endpoint of each node. All are the same without `endpointPerNode`. */
  readonly endpoints: ReadonlyMap<string, string>
  /** SHA-256 of the certificate, in Proxmox's format. */
  readonly fingerprint: string
  /** The certificate in PEM format, to trust it instead of pinning it. */
  readonly certificate: string
  readonly tokenId: string
  readonly tokenSecret: string
  /** The password of root@pam, for tickets. */
  readonly rootPassword: string
  readonly dataDirectory: string
  /** `http://127.0.0.1:PORT`, if a control port was requested. */
  readonly control?: string
  readonly requests: RequestLog
  readonly faults: Faults
  /** The state, for tests that prepare or check what no client can. */
  readonly world: World
  /** Returns the guest of a machine, for tests that act as its user or check what cloud-init does. */
  guest(vmid: number): GuestHandle
  /** Adds machines without API calls. */
  addMachines(machines: readonly MachineSeed[]): Promise<void>
  /** Removes a node from the cluster, as `pvecm delnode` does. The configuration of its machines stays. */
  removeNode(name: string): void
  /** Replaces the certificate for new connections. Resolves with its fingerprint. */
  renewCertificate(): Promise<string>
  close(): Promise<void>
}

const tokenId = 'root@pam!simulator'

/** Starts a simulated cluster. It stores its state in `dataDirectory`, and continues with the state that is there. */
export async function createSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const isTemporary = options.dataDirectory === undefined
  const root = resolve(options.dataDirectory ?? mkdtempSync(join(tmpdir(), 'pve-simulator-')))
  const nodes = options.nodes ?? ['pve']
  const certificate = await openCertificate(join(root, 'etc/pve/local'), nodes)
  const world = openWorld(root, { options, nodes, fingerprint: certificate.fingerprint })
  const secrets = seed(world, options)
  await seedMachines(world, options.machines ?? [])
  const requests = createRequestLog()
  const faults = createFaults({
    rules: options.faults ?? [],
    ...(options.seed !== undefined && { seed: options.seed }),
  })
  const tickets = createTickets(() => Math.floor(world.clock.now() / 1000))
  const { onRequest } = options
  const parts = { world, tickets, faults, log: requests, ...(onRequest && { onRequest }) }
  const endpoints = await openEndpoints(parts, certificate, {
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
    perNode: options.endpointPerNode ?? false,
  })
  const endpoint = endpoints.urls.get(world.home) ?? ''
  const control = await openControl({ world, faults, log: requests, endpoint }, options.control)
  return {
    ...(control !== undefined && { control: control.url }),
    endpoint,
    endpoints: endpoints.urls,
    fingerprint: certificate.fingerprint,
    certificate: certificate.cert,
    tokenId,
    ...secrets,
    dataDirectory: root,
    requests,
    faults,
    world,
    guest: (vmid) => guestHandle(world, vmid, actOnPower),
    addMachines: (machines) => seedMachines(world, machines),
    removeNode: (name) => void world.nodes.delete(name),
    renewCertificate: () => showAnother(world, endpoints),
    close: async () => {
      await endpoints.close()
      await control?.close()
      await closeWorld(world)
      if (isTemporary) rmSync(root, { recursive: true, force: true })
    },
  }
}

async function showAnother(world: World, endpoints: Endpoints): Promise<string> {
  const renewed = await renewCertificate(join(world.root, 'etc/pve/local'), [...world.nodes.keys()])
  world.fingerprint = renewed.fingerprint
  endpoints.show(renewed)
  return renewed.fingerprint
}

async function closeWorld(world: World): Promise<void> {
  for (const { gone } of world.boots.values()) gone.abort()
  await world.tasks.close()
}

function openWorld(
  root: string,
  { options, nodes, fingerprint }: { options: SimulatorOptions; nodes: readonly string[]; fingerprint: string },
): World {
  const clock = options.virtualTime === true ? virtualClock() : realClock()
  const version = options.version ?? '9.2'
  const home = nodes[0] ?? 'pve'
  const world: World = {
    root,
    version,
    clock,
    latency: latencyOf(options.latency),
    locks: createLocks(clock),
    nodes: new Map(nodes.map((name, index) => [name, makeNode(name, index)])),
    users: openUserConfig(join(root, 'etc/pve'), version),
    storage: openStorages(join(root, 'etc/pve/storage.cfg')),
    machines: openMachines({ root, nodes, now: clock.now, isWritable: () => world.quorate }),
    tasks: createTasks({ clock, nodes, directory: (node) => join(root, 'nodes', node, 'var/log/pve/tasks') }),
    ha: openHaConfig(join(root, 'etc/pve/ha')),
    quorate: true,
    mappings: openMappings(join(root, 'etc/pve/mapping')),
    firewalls: openFirewalls(join(root, 'etc/pve')),
    sectionFiles: openSectionFiles(join(root, 'etc/pve')),
    devices: options.devices ?? [],
    datacenter: openDatacenter(join(root, 'etc/pve/datacenter.cfg')),
    guests: { ...defaultBehaviour, ...options.guests },
    guestBehaviours: new Map(),
    boots: new Map(),
    bridges: options.bridges ?? ['vmbr0'],
    bridgeSettings: new Map(),
    storageSizes: new Map(
      (options.storages ?? []).flatMap(({ id, sizeBytes }) => (sizeBytes === undefined ? [] : [[id, sizeBytes]])),
    ),
    startedAt: clock.now(),
    fingerprint,
    home,
  }
  return world
}

function makeNode(name: string, index: number): NodeState {
  return {
    name,
    online: true,
    refusing: false,
    address: `10.99.0.${index + 1}`,
    cores: 32,
    memoryBytes: totalmem(),
    workers: createWorkers(3),
  }
}

function seed(world: World, options: SimulatorOptions): { tokenSecret: string; rootPassword: string } {
  if (world.storage.storages.size === 0) seedStorages(world.storage, options)
  for (const backend of [...world.storage.storages.values()].flatMap(backendsOf)) world.storage.backends.add(backend)
  const secretsFile = join(world.root, 'secrets.json')
  const known = existsSync(secretsFile) ? (JSON.parse(readFileSync(secretsFile, 'utf8')) as Record<string, string>) : {}
  const tokenSecret = options.tokenSecret ?? known.tokenSecret ?? randomUUID()
  const rootPassword = options.rootPassword ?? known.rootPassword ?? randomUUID()
  writeWhole(secretsFile, JSON.stringify({ tokenSecret, rootPassword }))
  seedUsers(world.users, { tokenSecret, rootPassword })
  return { tokenSecret, rootPassword }
}

function seedStorages(storage: StorageDatabase, options: SimulatorOptions): void {
  for (const wanted of options.storages ?? defaultStorages) storage.storages.set(wanted.id, makeStorage(wanted))
  storage.save()
}

function seedUsers(
  users: UserConfig,
  { tokenSecret, rootPassword }: { tokenSecret: string; rootPassword: string },
): void {
  if (!users.users.has('root@pam')) users.users.set('root@pam', makeUser())
  if (!users.tokens.has(tokenId))
    users.tokens.set(tokenId, { user: 'root@pam', name: 'simulator', separated: false, expire: 0, comment: '' })
  users.setSecret(tokenId, tokenSecret)
  users.setPassword('root@pam', rootPassword)
  users.save()
}
