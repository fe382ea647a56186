// Reads the CPU and machine types of nodes, and which storages are disabled. It asks only if the plan may depend on it.
import pMap from 'p-map'
import type { Machine } from '../../manifest/manifest.ts'
import { api } from '../../ports/pve/api.ts'
import type { World } from '../../ports/world.ts'
import { type Capabilities, type ClusterFacts, type GuestFacts, storageKey } from '../facts.ts'

/** CPU types and chipsets that every version since 8.4 supports. */
const COMMON_CPUS = new Set(['host', 'max', 'kvm64', 'qemu64', 'x86-64-v2', 'x86-64-v2-AES', 'x86-64-v3', 'x86-64-v4'])
const COMMON_MACHINES = new Set(['pc', 'q35'])

/** Returns the name of a CPU model, without its flags. */
export function cpuName(type: string): string {
  return type.split(',', 1)[0]?.replace(/^cputype=/, '') ?? type
}

/** Returns the flags that a CPU adds or removes, without their sign: `host,flags=+aes;-pcid` has `aes` and `pcid`. */
export function cpuFlags(type: string): readonly string[] {
  const flags = /(?:^|,)flags=([^,]*)/.exec(type)?.[1] ?? ''
  return flags.split(';').flatMap((flag) => (flag === '' ? [] : [flag.slice(1)]))
}

/** Returns the name of a machine type, without its options. */
export function machineTypeName(type: string): string {
  return type.split(',', 1)[0]?.replace(/^type=/, '') ?? type
}

/**
 * Returns the capabilities by node, for nodes where a machine needs a CPU or machine type that not every node supports.
 */
export async function observeCapabilities(
  { machines, guests }: { readonly machines: readonly Machine[]; readonly guests: ReadonlyMap<string, GuestFacts> },
  { pve }: World,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, Capabilities>> {
  const rare = machines.filter((machine) => isRare(machine, guests.get(machine.name)))
  const nodes = new Set(rare.flatMap((machine) => guests.get(machine.name)?.node ?? machine.nodes))
  const found = await pMap([...nodes], async (node) => [node, await capabilitiesOf(node, pve, signal)] as const, {
    concurrency: 4,
  })
  return new Map(found)
}

/** A value that the guest already has needs no check. */
function isRare({ cpu, machineType }: Machine, guest: GuestFacts | undefined): boolean {
  const isRareCpu = cpu.type !== undefined && !isCommonCpu(cpu.type) && guest?.config.cpu !== cpu.type
  const isRareMachine =
    machineType !== undefined &&
    !COMMON_MACHINES.has(machineTypeName(machineType)) &&
    guest?.config.machine !== machineType
  return isRareCpu || isRareMachine
}

function isCommonCpu(type: string): boolean {
  return COMMON_CPUS.has(cpuName(type)) && cpuFlags(type).length === 0
}

/**
 * Each list is asked for by itself: one that fails leaves the others. If all do, the node does not answer, which is
 * reported elsewhere.
 */
async function capabilitiesOf(node: string, pve: World['pve'], signal: AbortSignal | undefined): Promise<Capabilities> {
  const { qemu } = api(pve, { signal }).nodes.$(node).capabilities
  const [cpus, machines, flags] = await Promise.all([
    qemu.cpu.$get().catch(() => undefined),
    qemu.machines.$get().catch(() => undefined),
    qemu['cpu-flags'].$get().catch(() => undefined),
  ])
  return {
    ...(cpus && { cpus: new Set(cpus.map(({ name }) => name)) }),
    ...(flags && { cpuFlags: new Set(flags.map(({ name }) => name)) }),
    ...(machines && { machines: new Set(machines.map(({ id }) => String(id))) }),
  }
}

/**
 * Checks the storages of machines that the cluster's listing lacks: their node knows if they are disabled. Machines that
 * exist are included, because `doctor` checks what a manifest needs as if nothing existed yet.
 */
export async function disabledStorages(
  {
    machines,
    guests,
    cluster: { storages, nodes },
  }: {
    readonly machines: readonly Machine[]
    readonly guests: ReadonlyMap<string, GuestFacts>
    readonly cluster: Pick<ClusterFacts, 'storages' | 'nodes'>
  },
  { pve }: World,
  signal?: AbortSignal,
): Promise<ReadonlySet<string>> {
  const known = new Set(storages.map(storageKey))
  const online = new Set(nodes.filter((node) => node.online).map(({ name }) => name))
  const lacking = new Set(
    machines.flatMap((machine) => {
      const guest = guests.get(machine.name)
      const places = guest === undefined ? machine.nodes : [guest.node]
      const wanted = storagesOf(machine)
      return places.filter(
        (node) => online.has(node) && wanted.some((storage) => !known.has(storageKey({ node, storage }))),
      )
    }),
  )
  const lists = await pMap([...lacking], (node) => offStorages(node, pve, signal), { concurrency: 4 })
  return new Set(lists.flat())
}

function storagesOf({ storage, disks }: Machine): readonly string[] {
  return [storage.images, storage.disks, ...disks.flatMap((disk) => disk.storage ?? [])]
}

async function offStorages(
  node: string,
  pve: World['pve'],
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  try {
    const rows = await api(pve, { signal }).nodes.$(node).storage.$get()
    return rows.flatMap(({ storage, enabled }) => (Number(enabled ?? 1) === 0 ? [storageKey({ node, storage })] : []))
  } catch {
    return []
  }
}
