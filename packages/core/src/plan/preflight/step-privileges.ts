// What each kind of step requires: privileges, paths, and the reason.
import type { Facts, GuestFacts } from '../../facts/facts.ts'
import type { Machine } from '../../manifest/manifest.ts'
import { compareMachine, type Verdict } from '../compare/compare-machine.ts'
import { UNFINISHED } from '../compare/spec-hash.ts'
import { parseProperties, storageOfVolume } from '../config/property-string.ts'
import { cloneConfig, templatePool } from '../config/template-config.ts'
import type { Step, StepOf } from '../step.ts'
import { configPrivileges } from './config-privileges.ts'
import { mayDownload, privilegesIn } from './held-privileges.ts'
import {
  agentPrivileges,
  diskStorageNeeds,
  guestPlace,
  type Need,
  need,
  newGuestPlace,
  type Place,
  storeNeeds,
} from './need.ts'
import type { Subject } from './subject.ts'
import { buildNeeds, templateNeeds } from './template-privileges.ts'

/** Returns the requirements of one step. */
export function needsOf(step: Step, known: Subject): readonly Need[] {
  const run = NEEDS[step.kind] as ((step: Step, known: Subject) => readonly Need[]) | undefined
  return run?.(step, known) ?? []
}

// As checked in qemu-server `API2/Qemu.pm`, pve-storage `API2/Storage/{Status,Content}.pm`, pve-ha-manager `API2/HA`.
const NEEDS: { readonly [Kind in Step['kind']]?: (step: StepOf<Kind>, known: Subject) => readonly Need[] } = {
  pull: ({ at, image }, { facts }) => [
    need(`/storage/${at.storage}`, 'Datastore.AllocateTemplate', `store the image ${image}`),
    need(`/storage/${at.storage}`, 'Datastore.Audit', 'see what is on the storage'),
    ...(mayDownload(facts, at.node)
      ? []
      : [need(`/nodes/${at.node}`, 'Sys.AccessNetwork', `let ${at.node} download ${image}`)]),
  ],
  upload: ({ at, image }) => storeNeeds(at.storage, `store the image ${image}`),
  stream: ({ at, image }) => storeNeeds(at.storage, `store the image ${image}`),
  seed: ({ at, machine }) => storeNeeds(at.storage, `store the cloud-init documents of ${machine}`),
  'remove-volume': ({ at }) => [need(`/storage/${at.storage}`, 'Datastore.Allocate', 'remove images')],
  template: templateNeeds,
  build: buildNeeds,
  create: createNeeds,
  update: updateNeeds,
  start: ({ machine }, known) => [
    { ...vmPlace(machine, known), privileges: ['VM.PowerMgmt'], why: `start ${machine}` },
  ],
  wait: waitNeeds,
  destroy: destroyNeeds,
  adopt: ({ machine, vmid }, known) => markNeeds(`take ${machine} over`, vmid, known),
  replace: replaceNeeds,
  restart: ({ machine }, known) => [
    { ...vmPlace(machine, known), privileges: ['VM.PowerMgmt'], why: `restart ${machine}` },
  ],
  move: ({ machine, vmid }, { facts, guests }) => [
    { ...guestPlace({ vmid, ...guests.get(vmid) }, facts), privileges: ['VM.Migrate'], why: `move ${machine}` },
  ],
  'move-disks': moveDisksNeeds,
  'remove-disks': removeDisksNeeds,
  rename: ({ machine, vmid }, known) => markNeeds(`rename ${machine}`, vmid, known),
}

/** Name, description and tags are options (qemu-server `check_vm_modify_config_perm`). */
function markNeeds(why: string, vmid: number, { facts, guests }: Subject): readonly Need[] {
  const place = guestPlace({ vmid, ...guests.get(vmid) }, facts)
  return (['VM.Audit', 'VM.Config.Options'] as const).map((privilege) => ({ ...place, privileges: [privilege], why }))
}

/** The old storage needs no privilege (qemu-server `move_vm_disk`). */
function moveDisksNeeds({ machine, vmid, disks }: StepOf<'move-disks'>, { facts, guests }: Subject): readonly Need[] {
  const place = guestPlace({ vmid, ...guests.get(vmid) }, facts)
  const why = `move disks of ${machine}`
  const storages = [...new Set(disks.map(({ to }) => to))]
  return [
    ...(['VM.Audit', 'VM.Config.Disk'] as const).map((privilege): Need => ({ ...place, privileges: [privilege], why })),
    ...storages.flatMap((storage) => diskStorageNeeds(storage, why)),
  ]
}

/** The marker in the description also changes (qemu-server `try_deallocate_drive`, `check_vm_modify_config_perm`). */
function removeDisksNeeds(
  { machine, vmid, volumes }: StepOf<'remove-disks'>,
  { facts, guests }: Subject,
): readonly Need[] {
  const place = guestPlace({ vmid, ...guests.get(vmid) }, facts)
  const why = `remove disks of ${machine}`
  const storages = [...new Set(volumes.flatMap((volume) => storageOfVolume(volume) ?? []))]
  return [
    ...(['VM.Audit', 'VM.Config.Disk', 'VM.Config.Options'] as const).map(
      (privilege): Need => ({ ...place, privileges: [privilege], why }),
    ),
    ...storages.map((storage) => need(`/storage/${storage}`, 'Datastore.AllocateSpace', why)),
  ]
}

function destroyNeeds({ vmid, name }: StepOf<'destroy'>, { facts, guests }: Subject): readonly Need[] {
  const guest = guests.get(vmid)
  const place = guestPlace({ vmid, ...guest }, facts)
  return [
    { ...place, privileges: ['VM.Allocate'], why: `remove ${name}` },
    { ...place, privileges: ['VM.Audit'], why: `read ${name}` },
    ...(guest?.status === 'running' ? [{ ...place, privileges: ['VM.PowerMgmt'], why: `stop ${name}` } as const] : []),
  ]
}

function createNeeds(step: StepOf<'create'>, known: Subject): readonly Need[] {
  const machine = known.machines.get(step.machine)
  if (machine === undefined) return []
  const { project } = known.desired
  const fresh = freshClone(machine, { project, node: step.node })
  const place = newGuestPlace(machine.pool)
  const why = `make ${machine.name}`
  return [
    { ...clonePlace(machine, known), privileges: ['VM.Clone'], why: `clone the template of ${machine.image}` },
    ...(['VM.Allocate', 'VM.Audit'] as const).map((privilege): Need => ({ ...place, privileges: [privilege], why })),
    ...diskStorageNeeds(machine.storage.disks, why),
    ...(machine.pool === undefined ? [] : [seePoolNeed(machine.pool)]),
    ...changeNeeds(machine, fresh, { place, known, verdict: compareMachine(machine, fresh, { project }) }),
  ]
}

/** `/cluster/resources` shows a VM's pool only with Pool.Audit. Without it, every VM seems to be in none. */
function seePoolNeed(pool: string): Need {
  return need(`/pool/${pool}`, 'Pool.Audit', 'see which machines are in the pool')
}

/** Templates are in the pool of their machines, or in none. */
function clonePlace({ image, storage }: Machine, { desired, facts }: Subject): Place {
  const there = facts.guests.find(
    ({ marker }) => marker.kind === 'template' && marker.image === image && marker.storage === storage.disks,
  )
  return there ? guestPlace(there, facts) : newGuestPlace(templatePool(image, desired))
}

function freshClone(
  { name, image, pool, storage }: Machine,
  { project, node }: { readonly project: string; readonly node: string },
): GuestFacts {
  const marker = { project, name, kind: 'machine', image, base: '', spec: UNFINISHED } as const
  const config = cloneConfig(storage.disks)
  return {
    vmid: 0,
    node,
    name,
    marker,
    template: false,
    status: 'stopped',
    config,
    ...(pool !== undefined && { pool }),
  }
}

function updateNeeds(step: StepOf<'update'>, known: Subject): readonly Need[] {
  const [machine, guest] = [known.machines.get(step.machine), known.guests.get(step.vmid)]
  const verdict = known.verdicts.get(step.machine)
  if (machine === undefined || guest === undefined || verdict === undefined) return []
  const place = guestPlace(guest, known.facts)
  return [
    { ...place, privileges: ['VM.Audit'], why: `read ${machine.name}` },
    ...changeNeeds(machine, guest, { place, known, verdict: knowingPool(verdict, guest, known.facts) }),
    ...(machine.pool === undefined ? [] : [seePoolNeed(machine.pool)]),
  ]
}

/**
 * If the token cannot see pools, a VM that seems to be in no pool may be in the right one. Report the missing privilege
 * first.
 */
function knowingPool({ pool, ...verdict }: Verdict, guest: GuestFacts, facts: Facts): Verdict {
  if (pool === undefined) return verdict
  const isBlind = guest.pool === undefined && !privilegesIn(facts)(`/pool/${pool}`, 'Pool.Audit')
  return isBlind ? verdict : { ...verdict, pool }
}

/** Returns the requirements of exactly the change that the update step will send. */
function changeNeeds(
  machine: Machine,
  guest: GuestFacts,
  { place, known, verdict }: { readonly place: Place; readonly known: Subject; readonly verdict: Verdict },
): readonly Need[] {
  const { set, remove, grow, pool, ha } = verdict
  const why = `configure ${machine.name}`
  const changes = { ...Object.fromEntries(remove.map((key) => [key, ''])), ...set }
  return [
    ...configPrivileges(changes, { machine, current: guest.config }).map(
      (one): Need => ({ ...(one.path === undefined ? place : { paths: [one.path] }), privileges: one.privileges, why }),
    ),
    // A resize is also checked against the storage of the disk (qemu-server `resize_vm`).
    ...[...new Set(Object.keys(grow).map((key) => storageOfDrive(guest.config[key])))].flatMap((storage) =>
      storage === undefined
        ? []
        : [need(`/storage/${storage}`, 'Datastore.AllocateSpace', `grow disks of ${machine.name}`)],
    ),
    ...(Object.keys(grow).length > 0 || (machine.disk.sizeBytes !== undefined && guest.vmid === 0)
      ? [{ ...place, privileges: ['VM.Config.Disk'], why: `grow the disk of ${machine.name}` } satisfies Need]
      : []),
    ...(pool === undefined ? [] : moveNeeds({ ...guest, name: machine.name }, pool, known)),
    ...(ha ? haNeeds(machine.name) : []),
  ]
}

/** Leaving the current pool requires a privilege too (pve-manager `Pool.pm`, `update_pool`). */
function moveNeeds(guest: GuestFacts, to: string, { facts }: Subject): readonly Need[] {
  const why = `put ${guest.name} into the pool ${to}`
  const pools = [to, ...(guest.pool === undefined ? [] : [guest.pool])]
  return [
    ...pools.map((pool) => need(`/pool/${pool}`, 'Pool.Allocate', why)),
    { ...guestPlace(guest, facts), privileges: ['VM.Allocate'], why },
  ]
}

function storageOfDrive(drive: unknown): string | undefined {
  return storageOfVolume(parseProperties(drive, 'file').get('file'))
}

function vmPlace(name: string, { machines, facts }: Subject): Place {
  const guest = facts.guests.find(({ marker }) => marker.kind === 'machine' && marker.name === name)
  return guest ? guestPlace(guest, facts) : newGuestPlace(machines.get(name)?.pool)
}

/** Proxmox VE 9 has separate privileges for the guest agent. VM.Monitor, which 8 requires, no longer exists there. */
function waitNeeds({ machine: name }: StepOf<'wait'>, known: Subject): readonly Need[] {
  const machine = known.machines.get(name)
  if (machine?.wait.for !== 'agent') return []
  const place = vmPlace(name, known)
  const why = `ask the guest agent of ${name}`
  return [{ ...place, privileges: agentPrivileges(known.facts, 'VM.GuestAgent.Audit'), why }]
}

/** The new VM is created like any other. The old one is marked and stopped, gives up its disks, and is removed. */
function replaceNeeds(step: StepOf<'replace'>, known: Subject): readonly Need[] {
  const { machine, node, old } = step
  const guest = known.guests.get(old.vmid)
  const place = guestPlace({ vmid: old.vmid, ...guest }, known.facts)
  const why = `replace ${machine}`
  const privileges = ['VM.Audit', 'VM.Config.Options', 'VM.Config.Disk', 'VM.PowerMgmt', 'VM.Allocate'] as const
  const made = createNeeds({ ...step, kind: 'create', id: `create:${machine}`, node } as StepOf<'create'>, known)
  return [
    ...made,
    ...privileges.map((privilege): Need => ({ ...place, privileges: [privilege], why })),
    // The new VM gets the place of the old one in the HA manager, also where the manifest says nothing about HA.
    ...(guest?.ha === undefined ? [] : haNeeds(machine)),
  ]
}

function haNeeds(machine: string): readonly Need[] {
  return ['Sys.Audit', 'Sys.Console'].map((privilege) => need('/', privilege, `manage HA of ${machine}`))
}
