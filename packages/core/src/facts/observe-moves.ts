// Reads what may prevent a move, a replacement or the removal of a disk: snapshots with their volumes, and Proxmox's
// preconditions of a migration. Requests are sent only for VMs that move, are replaced or lose disks.
import pMap from 'p-map'
import { ProvisionError } from '../errors.ts'
import { diskKeys, storedDisks, volumeStorage } from '../manifest/machine-disks.ts'
import type { Machine } from '../manifest/manifest.ts'
import { isNamedBy } from '../manifest/select.ts'
import { api } from '../ports/pve/api.ts'
import { isProblem } from '../ports/pve/call/pve-problem.ts'
import type { World } from '../ports/world.ts'
import { machinesByGuestName } from './current-names.ts'
import type { GuestFacts, MigrationFacts, SnapshotFacts } from './facts.ts'

export interface MoveQuestion {
  /** The selected machines. */
  readonly machines: readonly Machine[]
  readonly guests: readonly GuestFacts[]
  /** True if VMs and disks are moved. */
  readonly move?: boolean | undefined
  /** True if detached disks are removed. */
  readonly prune?: boolean | undefined
  /** Machines to replace, by name or by entry of the manifest. */
  readonly replace?: readonly string[] | undefined
  readonly signal?: AbortSignal | undefined
}

/** Returns the guests, with these facts for those that move, are replaced or lose disks. */
export async function observeMoves(
  { machines, guests, move = false, prune = false, replace = [], signal }: MoveQuestion,
  { pve }: Pick<World, 'pve'>,
): Promise<readonly GuestFacts[]> {
  if (!move && !prune && replace.length === 0) return guests
  const isReplaced = isNamedBy(replace)
  const byName = machinesByGuestName(machines, guests)
  const question = { pve, signal }
  return pMap(
    guests,
    async (guest) => {
      const machine = guest.marker.kind === 'machine' ? byName.get(guest.marker.name) : undefined
      // A locked VM is not moved, and Proxmox answers neither request.
      if (machine === undefined || guest.lock !== undefined) return guest
      const isElsewhere = move && !machine.nodes.includes(guest.node)
      const needsSnapshots =
        isReplaced(machine) || (move && movesDisks(machine, guest)) || (prune && losesDisks(machine, guest))
      const [snapshots, migration] = await Promise.all([
        needsSnapshots || isElsewhere ? snapshotsOf(guest, question) : undefined,
        isElsewhere ? migrationOf(guest, { ...question, to: machine.nodes[0] }) : undefined,
      ])
      return { ...guest, ...(snapshots && { snapshots }), ...(migration && { migration }) }
    },
    { concurrency: 8 },
  )
}

function movesDisks(machine: Machine, { config }: GuestFacts): boolean {
  return storedDisks(machine, config).some(({ key, storage }) => volumeStorage(config[key]) !== storage)
}

function losesDisks(machine: Machine, { config, marker }: GuestFacts): boolean {
  const declared = diskKeys(machine, config)
  const gone = (marker.disks ?? '').split(',').filter((key) => key in config && !declared.includes(key))
  return gone.length > 0 || Object.keys(config).some((key) => /^unused\d+$/.test(key))
}

interface Question {
  readonly pve: World['pve']
  readonly signal?: AbortSignal | undefined
}

/** Returns undefined if the token lacks the privilege or the VM is gone. Then only Proxmox can refuse the move. */
async function snapshotsOf(
  { vmid, node }: GuestFacts,
  { pve, signal }: Question,
): Promise<readonly SnapshotFacts[] | undefined> {
  const route = api(pve, { signal }).nodes.$(node).qemu.$(vmid).snapshot
  return unlessHidden(async () => {
    const names = (await route.$get()).map(({ name }) => name).filter((name) => name !== 'current')
    return pMap(names, async (name) => ({ name, volumes: volumesIn(await route.$(name).config.$get()) }), {
      concurrency: 4,
    })
  })
}

function volumesIn(config: object): readonly string[] {
  return Object.entries(config).flatMap(([key, value]) => {
    const isDrive = /^(scsi|virtio|sata|ide|efidisk|tpmstate)\d+$/.test(key) && typeof value === 'string'
    return isDrive && volumeStorage(value) !== undefined ? [value.split(',', 1)[0] ?? ''] : []
  })
}

async function migrationOf(
  { vmid, node }: GuestFacts,
  { pve, signal, to }: Question & { readonly to: string },
): Promise<MigrationFacts | undefined> {
  const route = api(pve, { signal }).nodes.$(node).qemu.$(vmid).migrate
  return unlessHidden(async () => {
    const answer = (await route.$get({ target: to })) as unknown as Answer
    return {
      localVolumes: (answer.local_disks ?? []).map(({ volid }) => volid),
      localResources: answer.local_resources ?? [],
      obstacles: Object.fromEntries(
        Object.entries(answer.not_allowed_nodes ?? {}).map(([node, against]) => [
          node,
          {
            missingStorages: against.unavailable_storages ?? [],
            blockedBy: [
              ...(against['unavailable-resources'] ?? []),
              ...(against['blocking-ha-resources'] ?? []).map(({ sid }) => sid),
            ],
          },
        ]),
      ),
    }
  })
}

/** Proxmox's schema of `not_allowed_nodes` describes the entry of one node, but the answer has one entry per node. */
interface Answer {
  readonly local_disks?: readonly { readonly volid: string }[]
  readonly local_resources?: readonly string[]
  readonly not_allowed_nodes?: Readonly<Record<string, Against>>
}

interface Against {
  readonly unavailable_storages?: readonly string[]
  readonly 'unavailable-resources'?: readonly string[]
  readonly 'blocking-ha-resources'?: readonly { readonly sid: string }[]
}

async function unlessHidden<Result>(ask: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await ask()
  } catch (thrown) {
    const isHidden = thrown instanceof ProvisionError && (thrown.code === 'PERMISSION' || thrown.code === 'UNREACHABLE')
    if (isHidden || isProblem(thrown, 'not-found')) return undefined
    throw thrown
  }
}
