// Each operation works with the privileges that the documentation lists, and without each of them the plan says which one
// is missing, with the command that grants it, before anything is changed.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSimulator, type Simulator } from '../../simulator/src/index.ts'
import {
  apply,
  createWorld,
  type Desired,
  list,
  type Prepared,
  type ProvisionError,
  type ProvisionOptions,
  parseManifest,
  prepare,
  prepareAdopt,
  prepareDestroy,
  preparePrune,
  type World,
} from '../src/index.ts'
import { type FileServer, startFileServer } from './support/file-server.ts'
import { OPERATIONS, type Operation, type Privilege, type Where } from './support/operations.ts'

const USER = 'root@pam'
const TOKEN = `${USER}!least`
const PATHS: Readonly<Record<Where, string>> = {
  machines: '/pool/own',
  pool: '/pool/own',
  images: '/storage/local',
  disks: '/storage/fast',
  otherDisks: '/storage/nas',
  bridge: '/sdn/zones/localnetwork/vmbr0',
  node: '/nodes/pve1',
  root: '/',
}

let folder: string
let simulator: Simulator
let vendor: FileServer
let root: World
let token: World
let images: readonly string[]

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'privileges-'))
  vendor = await startFileServer()
  images = ['64M', '65M', '66M', '67M'].map((size) => {
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', join(folder, size), size])
    const bytes = readFileSync(join(folder, size))
    vendor.serve(`/${size}.qcow2`, { bytes })
    const digest = createHash('sha256').update(bytes).digest('hex')
    return `{ url: "${vendor.url(`/${size}.qcow2`).href}", checksum: "sha256:${digest}" }`
  })
  simulator = await createSimulator({
    nodes: ['pve1', 'pve2'],
    storages: [{ id: 'local' }, { id: 'fast' }, { id: 'nas', type: 'nfs' }],
    latency: 'instant',
  })
  root = worldOf(simulator.tokenId, simulator.tokenSecret)
  await call('POST', '/pools', { poolid: 'own' })
  const { value } = await call<{ value: string }>('POST', `/access/users/${USER}/token/least`, { privsep: 1 })
  token = worldOf(TOKEN, value)
  for (const path of new Set(Object.values(PATHS))) {
    await call('POST', '/access/roles', { roleid: roleOf(path), privs: '' })
    await call('PUT', '/access/acl', { path, roles: roleOf(path), tokens: TOKEN })
  }
})
afterAll(async () => {
  for (const world of [root, token]) world[Symbol.dispose]()
  await simulator.close()
  await vendor.close()
  rmSync(folder, { recursive: true, force: true })
})

function worldOf(tokenId: string, tokenSecret: string): World {
  return createWorld({
    pve: {
      endpoints: [new URL(simulator.endpoint)],
      credentials: { tokenId, tokenSecret },
      trust: { fingerprint: simulator.fingerprint },
    },
    cacheDirectory: join(folder, `cache-${tokenId.replaceAll(/\W/g, '-')}`),
  })
}

async function call<Answer>(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  parameters: Readonly<Record<string, unknown>> = {},
): Promise<Answer> {
  const answer = await root.pve.request(method, path, { parameters })
  if (typeof answer === 'string' && answer.startsWith('UPID:')) await root.pve.waitForTask(answer)
  return answer as Answer
}

/** The token has one role on each path. */
const roleOf = (path: string) => `Least${path.replaceAll('/', '-')}`
const granted = new Map<string, string>()

/** Gives the token exactly these privileges. */
async function grant(privileges: readonly Privilege[]): Promise<void> {
  for (const path of new Set(Object.values(PATHS))) {
    const names = privileges.filter(({ on }) => PATHS[on] === path).map(({ name }) => name)
    const privs = names.join(' ')
    if (privs === (granted.get(path) ?? '')) continue
    await call('PUT', `/access/roles/${roleOf(path)}`, { privs })
    granted.set(path, privs)
  }
}

interface Scene {
  /** The machines of the manifest at the operation. */
  readonly vms: string
  /** The machines of the manifest before, each applied by root. */
  readonly before?: readonly string[]
  /** The image before and at the operation. Each is another build. */
  readonly images?: readonly [before: number, now: number]
  /** More images of the manifest. */
  readonly built?: string
  readonly options?: ProvisionOptions
  /** Operations that the same plan contains. */
  readonly beside?: readonly (keyof typeof OPERATIONS)[]
  readonly prepare?: (desired: Desired, world: World, options: ProvisionOptions) => Promise<Prepared>
  /** Something that a user did by hand before. */
  readonly byHand?: () => Promise<unknown>
}

const FULL = 'web: { cores: 2, memory: 1 GiB, machine: q35, disks: [{ size: 16 MiB }] }'
const DISK = 'web: { disks: [{ size: 16 MiB }] }'

const SCENES: Readonly<Record<keyof typeof OPERATIONS, Scene>> = {
  list: {
    vms: DISK,
    before: [DISK],
    async prepare(desired, world, options) {
      await list(desired, world, options)
      return prepare(desired, world, options)
    },
  },
  pull: { vms: DISK, images: [0, 1], beside: ['template', 'create'] },
  push: { vms: DISK, images: [0, 2], beside: ['template', 'create'] },
  template: { vms: DISK, beside: ['create'] },
  create: {
    vms: `other: {}, ${FULL}`,
    before: ['other: {}'],
  },
  documents: {
    vms: `other: {}, ${FULL.replace('{', '{ cloudInit: { ip: dhcp, userData: { text: "#cloud-config\\n{}" } },')}`,
    before: ['other: {}'],
    beside: ['create'],
  },
  start: { vms: 'web: { start: true, wait: agent }', before: ['web: {}'] },
  update: {
    vms: 'web: { cores: 2, memory: 1 GiB, cloudInit: { user: ops, ip: dhcp }, onBoot: true }',
    before: ['web: {}'],
  },
  grow: { vms: 'web: { disks: [{ size: 32 MiB }] }', before: [DISK] },
  destroy: { vms: 'web: { start: true }', before: ['web: { start: true }'], prepare: prepareDestroy },
  adopt: {
    vms: 'hand: {}',
    byHand: () => call('POST', '/nodes/pve1/qemu', { vmid: 900, name: 'hand', memory: 512, pool: 'own' }),
    prepare: (desired, world, options) => prepareAdopt(desired, world, { ...options, adoptions: 'all' }),
  },
  rename: { vms: 'www: { renamedFrom: web }', before: ['web: {}'] },
  replace: { vms: FULL, before: [FULL], options: { replace: ['web'] } },
  replaceManaged: {
    vms: FULL,
    before: [FULL.replace('{', '{ ha: true,')],
    options: { replace: ['web'] },
    beside: ['replace'],
  },
  restart: {
    vms: 'web: { start: true, cores: 2 }',
    before: ['web: { start: true, cores: 1 }', 'web: { start: true, cores: 2 }'],
    options: { restart: true },
  },
  move: {
    vms: 'web: { node: pve2, storage: { disks: nas } }',
    before: ['web: { storage: { disks: nas } }'],
    options: { move: true },
  },
  moveDisk: { vms: 'web: { storage: { disks: nas } }', before: ['web: {}'], options: { move: true } },
  detach: { vms: 'web: { disks: [] }', before: [DISK] },
  pruneDisk: { vms: 'web: { disks: [] }', before: [DISK, 'web: { disks: [] }'], options: { prune: true } },
  build: {
    vms: 'web: { image: ready }, other: {}',
    before: ['other: {}'],
    built: 'ready: { from: tiny, build: { run: ["true"] } }',
    beside: ['create'],
  },
  pruneImages: { vms: 'web: {}', before: ['web: {}'], images: [3, 0], prepare: preparePrune },
  startOrder: { vms: 'web: { startOrder: { order: 1 } }', before: ['web: {}'] },
  ha: { vms: 'web: { ha: true }', before: ['web: {}'] },
}

function stateOf(
  project: string,
  { built = '' }: Scene,
  { vms, build }: { readonly vms: string; readonly build: number },
) {
  const text = `project: ${project}
images: { tiny: ${images[build]}, ${built} }
defaults:
  image: tiny
  node: pve1
  pool: own
  storage: { images: local, disks: fast }
  network: { bridge: vmbr0 }
  cloudInit: { ip: dhcp }
vms: { ${vms} }
`
  return parseManifest({ text, file: 'test.yaml' }).desired
}

/** Returns true if the hint grants it where it is lacking, or on the machine if the token cannot see its pool. */
function isGranted({ name, on }: Privilege, hint = ''): boolean {
  const paths = [PATHS[on], ...(on === 'machines' ? ['/vms/'] : [])]
  const grants = paths.some((path) => hint.includes(`pveum acl modify ${path}`))
  return (
    grants &&
    new RegExp(`pveum role add \\S+ --privs '[\\w.,]*${name}[,']`).test(hint) &&
    hint.includes(`--tokens '${TOKEN}'`)
  )
}

const FRESH: ProvisionOptions = { factsMaxAgeMs: 0 }

describe.each(Object.entries(SCENES) as [keyof typeof OPERATIONS, Scene][])('%s', (operation, scene) => {
  const { before = [], images: [first, now] = [0, 0], options = {}, beside = [] } = scene
  const project = operation.toLowerCase()
  const keyOf = ({ name, on }: Privilege) => `${name} on ${PATHS[on]}`
  const { privileges }: Operation = OPERATIONS[operation]
  const all = new Map(
    [operation, ...beside].flatMap((one) => OPERATIONS[one].privileges).map((one) => [keyOf(one), one]),
  )
  const look = scene.prepare ?? prepare

  it('works with the documented privileges, and the plan says which one is missing', async () => {
    for (const vms of before) {
      const state = stateOf(project, vms === before[0] ? { ...scene, built: '' } : scene, { vms, build: first })
      const { ok } = await apply(await prepare(state, root, FRESH))
      expect(ok).toBe(true)
    }
    await scene.byHand?.()
    const desired = stateOf(project, scene, { vms: scene.vms, build: now })
    const complaints: string[] = []
    for (const lacking of new Map(privileges.map((one) => [keyOf(one), one])).values()) {
      await grant([...all].flatMap(([key, one]) => (key === keyOf(lacking) ? [] : [one])))
      const told = await look(desired, token, { ...FRESH, ...options }).then(
        ({ plan }) => plan.problems.find(({ code, step }) => code === 'PERMISSION' && step === undefined),
        (error: unknown) => error as ProvisionError,
      )
      const isNamed = told?.message.includes(lacking.name) && isGranted(lacking, told.hint)
      const isExpected = lacking.without === undefined ? isNamed : told === undefined
      if (!isExpected) complaints.push(`${keyOf(lacking)}: ${told?.message} ${told?.hint}`)
    }
    expect({ operation, complaints }).toEqual({ operation, complaints: [] })
    await grant([...all.values()])
    const prepared = await look(desired, token, { ...FRESH, ...options })
    expect(prepared.plan.problems).toEqual([])
    const { ok, changed, outcomes } = await apply(prepared)
    expect(outcomes.flatMap(({ error }) => error?.message ?? [])).toEqual([])
    expect([ok, changed]).toEqual([true, operation !== 'list'])
  })
})
