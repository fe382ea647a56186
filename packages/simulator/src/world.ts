// Everything one simulated cluster is made of: what a handler may read and change.
import type { Clock } from './clock.ts'
import type { Latency } from './latency.ts'
import type { Locks } from './locks.ts'
import type { Boot } from './state/boot.ts'
import type { Datacenter } from './state/datacenter.ts'
import type { GuestBehaviour } from './state/guest-behaviour.ts'
import type { HaConfig } from './state/ha-config.ts'
import type { Machines } from './state/machines.ts'
import type { HostDevice, Mappings } from './state/mappings.ts'
import type { PveVersion } from './state/privileges.ts'
import type { UserConfig } from './state/user-config.ts'
import type { StorageDatabase } from './storage/storage-config.ts'
import type { Tasks } from './tasks/tasks.ts'

export interface NodeState {
  readonly name: string
  online: boolean
  /** Its daemon is stopped: connections are refused at once, rather than going nowhere. */
  refusing: boolean
  readonly address: string
  readonly cores: number
  readonly memoryBytes: number
  /** The daemon's worker processes: calls that change something, or need root, pass here. */
  readonly workers: { run<T>(work: () => Promise<T>): Promise<T> }
}

export interface World {
  /** The data directory: `etc/pve`, `nodes/<node>/…`, `shared/…`. */
  readonly root: string
  readonly version: PveVersion
  readonly clock: Clock
  readonly latency: Latency
  readonly locks: Locks
  readonly nodes: ReadonlyMap<string, NodeState>
  readonly users: UserConfig
  readonly storage: StorageDatabase
  readonly machines: Machines
  readonly tasks: Tasks
  readonly ha: HaConfig
  readonly datacenter: Datacenter
  readonly mappings: Mappings
  /** What is plugged into the nodes. */
  readonly devices: readonly HostDevice[]
  /** Without it nothing below `etc/pve` can be written. */
  quorate: boolean
  /** How simulated guests behave. */
  readonly guests: GuestBehaviour
  /** Where one machine's guest differs, by its id. */
  readonly guestBehaviours: Map<number, Partial<GuestBehaviour>>
  /** What is going on inside the machines that run, by their ids. */
  readonly boots: Map<number, Boot>
  /** SHA-256 of the certificate, as Proxmox shows it. */
  fingerprint: string
  readonly bridges: readonly string[]
  /** Bytes that a storage has in all, by its name; the others have what the file system has. */
  readonly storageSizes: Map<string, number>
  /** Milliseconds since 1970. */
  readonly startedAt: number
  /** The node a request without `/nodes/…` is answered by. */
  readonly home: string
}
