// What each operation may do with the least privileges. `docs/permissions.md` is made from this table, and
// `test/privileges.test.ts` runs each operation with exactly these privileges, and without each of them.

/** Where a privilege is granted. */
export type Where = 'machines' | 'pool' | 'images' | 'disks' | 'otherDisks' | 'bridge' | 'node' | 'root'

export interface Privilege {
  readonly name: string
  readonly on: Where
  /** What becomes of the plan without it, if it is no problem. */
  readonly without?: string
}

export interface Operation {
  /** The first column of the table. */
  readonly what: string
  readonly privileges: readonly Privilege[]
  /** True if the token of the documentation may do it. */
  readonly everyday?: boolean
}

export const PLACES: Readonly<Record<Where, string>> = {
  machines: '`/pool/P`',
  pool: '`/pool/P`',
  images: '`/storage/S` of images',
  disks: '`/storage/S` of disks',
  otherDisks: '`/storage/S` that it moves to',
  bridge: '`/sdn/zones/localnetwork/BRIDGE`',
  node: '`/nodes/N`',
  root: '`/`',
}

const on =
  (where: Where) =>
  (...names: readonly string[]): readonly Privilege[] =>
    names.map((name) => ({ name, on: where }))
const machines = on('machines')
const pool = on('pool')
const images = on('images')
const disks = on('disks')
const root = on('root')

const SEEN = [...machines('VM.Audit'), ...pool('Pool.Audit')]
const DISK_SPACE = disks('Datastore.AllocateSpace', 'Datastore.Audit')
const CREATION = [
  ...SEEN,
  ...machines('VM.Clone', 'VM.Allocate', 'VM.Config.Disk', 'VM.Config.CPU', 'VM.Config.Memory'),
  ...machines('VM.Config.Network', 'VM.Config.HWType', 'VM.Config.Options'),
  ...DISK_SPACE,
  ...on('bridge')('SDN.Use'),
]

export const OPERATIONS = {
  list: { what: '`list`, and a plan without changes', privileges: SEEN, everyday: true },
  pull: {
    what: 'an image that Proxmox downloads',
    privileges: [
      ...images('Datastore.AllocateTemplate', 'Datastore.Audit'),
      { name: 'Sys.AccessNetwork', on: 'node', without: 'your computer uploads it' },
    ],
    everyday: true,
  },
  push: {
    what: 'an image that your computer uploads',
    privileges: images('Datastore.AllocateTemplate', 'Datastore.Audit'),
    everyday: true,
  },
  template: {
    what: 'a template',
    privileges: [
      ...machines('VM.Allocate', 'VM.Audit', 'VM.Config.Disk', 'VM.Config.CPU', 'VM.Config.Memory'),
      ...machines('VM.Config.HWType', 'VM.Config.Options'),
      ...DISK_SPACE,
      ...images('Datastore.Audit'),
    ],
    everyday: true,
  },
  create: { what: 'a new machine', privileges: CREATION, everyday: true },
  documents: {
    what: '… with `userData` or another document of its own, or CDs',
    privileges: [
      ...machines('VM.Config.CDROM', 'VM.Config.Cloudinit'),
      ...images('Datastore.AllocateTemplate', 'Datastore.Audit'),
    ],
    everyday: true,
  },
  start: {
    what: '… that is started, with `wait: agent`',
    privileges: [...SEEN, ...machines('VM.PowerMgmt', 'VM.GuestAgent.Audit')],
    everyday: true,
  },
  update: {
    what: 'a change in place: the privileges of its keys',
    privileges: [...SEEN, ...machines('VM.Config.CPU', 'VM.Config.Memory', 'VM.Config.Cloudinit', 'VM.Config.Options')],
    everyday: true,
  },
  grow: {
    what: 'a disk that grows',
    privileges: [...SEEN, ...machines('VM.Config.Disk'), ...disks('Datastore.AllocateSpace')],
    everyday: true,
  },
  destroy: {
    what: '`destroy`, `apply --prune` of machines',
    privileges: machines('VM.Audit', 'VM.Allocate', 'VM.PowerMgmt'),
    everyday: true,
  },
  adopt: { what: '`adopt`', privileges: machines('VM.Audit', 'VM.Config.Options'), everyday: true },
  rename: { what: '`renamedFrom`', privileges: [...SEEN, ...machines('VM.Config.Options')], everyday: true },
  replace: {
    what: '`--replace`, `--replace-outdated`',
    privileges: [...CREATION, ...machines('VM.PowerMgmt')],
    everyday: true,
  },
  replaceManaged: { what: '… of a VM under HA', privileges: root('Sys.Audit', 'Sys.Console') },
  restart: { what: '`--restart`', privileges: [...SEEN, ...machines('VM.PowerMgmt')], everyday: true },
  move: { what: '`--move` to another node', privileges: [...SEEN, ...machines('VM.Migrate')] },
  moveDisk: {
    what: '`--move` of a disk',
    privileges: [
      ...SEEN,
      ...machines('VM.Config.Disk'),
      ...on('otherDisks')('Datastore.AllocateSpace', 'Datastore.Audit'),
    ],
    everyday: true,
  },
  detach: {
    what: 'a disk that is no longer declared: detached',
    privileges: [...SEEN, ...machines('VM.Config.Disk', 'VM.Config.Options')],
    everyday: true,
  },
  pruneDisk: {
    what: '… and removed with `--prune`',
    privileges: [...SEEN, ...machines('VM.Config.Disk', 'VM.Config.Options'), ...disks('Datastore.AllocateSpace')],
    everyday: true,
  },
  build: {
    what: 'an image that is built (`from`, `build`)',
    privileges: [
      ...machines('VM.Clone', 'VM.Allocate', 'VM.Audit', 'VM.PowerMgmt', 'VM.GuestAgent.FileRead'),
      ...machines('VM.Config.Disk', 'VM.Config.CPU', 'VM.Config.Memory', 'VM.Config.Network'),
      ...machines('VM.Config.Options', 'VM.Config.Cloudinit', 'VM.Config.CDROM'),
      ...DISK_SPACE,
      ...images('Datastore.AllocateTemplate', 'Datastore.Audit'),
      ...on('bridge')('SDN.Use'),
    ],
    everyday: true,
  },
  pruneImages: {
    what: '`images prune`',
    privileges: [...machines('VM.Audit'), ...images('Datastore.Audit', 'Datastore.Allocate')],
  },
  startOrder: { what: '`startOrder`', privileges: [...SEEN, ...machines('VM.Config.Options'), ...root('Sys.Modify')] },
  ha: { what: '`ha`', privileges: [...SEEN, ...root('Sys.Audit', 'Sys.Console')] },
} as const satisfies Readonly<Record<string, Operation>>
