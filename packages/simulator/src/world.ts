// The state of a simulated cluster, which handlers read and change.
import type { Clock } from './clock.ts'
import type { Latency } from './latency.ts'
import type { Locks } from './locks.ts'
import type { Boot } from './state/boot.ts'
import type { Datacenter } from './state/datacenter.ts'
import type { Firewalls } from './state/firewall.ts'
import type { GuestBehaviour } from './state/guest-behaviour.ts'
import type { HaConfig } from './state/ha-config.ts'
import type { Machines } from './state/machines.ts'
import type { HostDevice, Mappings } from './state/mappings.ts'
import type { PveVersion } from './state/privileges.ts'
import type { SectionFiles } from './state/section-file.ts'
import type { UserConfig } from './state/user-config.ts'
import type { StorageDatabase } from './storage/storage-config.ts'
import type { Tasks } from './tasks/tasks.ts'

export interface NodeState {
  readonly name: string
  online: boolean
  /** True if its daemon is stopped: connections are refused at once instead of timing out. */
  refusing: boolean
  readonly address: string
  readonly cores: number
  readonly memoryBytes: number
  /** The daemon's worker processes. Calls that change something or need root use them. */
  readonly workers: { run<T>(work: () => Promise<T>): Promise<T> }
}

export interface World {
  /** The data directory: `etc/pve`, `nodes/<node>/…`, `shared/…`. */
  readonly root: string
  readonly version: PveVersion
  readonly clock: Clock
  readonly latency: Latency
  readonly locks: Locks
  readonly nodes: Map<string, NodeState>
  readonly users: UserConfig
  readonly storage: StorageDatabase
  readonly machines: Machines
  readonly tasks: Tasks
  readonly ha: HaConfig
  readonly datacenter: Datacenter
  readonly mappings: Mappings
  readonly firewalls: Firewalls
  /** Backup jobs, metric servers, realms and the like. */
  readonly sectionFiles: SectionFiles
  /** The devices of the nodes. */
  readonly devices: readonly HostDevice[]
  /** Without quorum, nothing below `etc/pve` can be written. */
  quorate: boolean
  /** Behavior of simulated guests. */
  readonly guests: GuestBehaviour
  /** Deviating behavior of single machines, by id. */
  readonly guestBehaviours: Map<number, Partial<GuestBehaviour>>
  /** The current boots of running machines, by id. */
  readonly boots: Map<number, Boot>
  /** SHA-256 of the certificate, in Proxmox's format. */
  fingerprint: string
  readonly bridges: readonly string[]
  /** Settings of a bridge that differ from those of others, as `GET /nodes/{node}/network` shows them. */
  readonly bridgeSettings: Map<string, Readonly<Record<string, unknown>>>
  /** Total bytes of storages with a size of their own, by name. Others have the size of the file system. */
  readonly storageSizes: Map<string, number>
  /** Milliseconds since 1970. */
  readonly startedAt: number
  /** The node that answers requests without `/nodes/…`. */
  readonly home: string
}
