// The options of a simulated cluster. All of them have a default.
import type { FaultRule } from './faults/fault-rule.ts'
import type { Latency, LatencyPreset } from './latency.ts'
import type { MachineSeed } from './seed-machines.ts'
import type { GuestBehaviour } from './state/guest-behaviour.ts'
import type { HostDevice } from './state/mappings.ts'
import type { PveVersion } from './state/privileges.ts'
import type { StorageOptions } from './storage/storage-config.ts'

export interface SimulatorOptions {
  /** Folder for the state. Default: a temporary folder that `close()` removes. */
  readonly dataDirectory?: string
  /** Default: 127.0.0.1. */
  readonly host?: string
  /** Default: 0, a free port. */
  readonly port?: number
  /** Open one endpoint for each node, as real nodes have, instead of one for all. Default: false. */
  readonly endpointPerNode?: boolean
  /** Default: one node, `pve`. The first one answers for the cluster. */
  readonly nodes?: readonly string[]
  /** Default: `local` (dir, all content) and `local-lvm` (thin LVM, images). Used if the data directory is new. */
  readonly storages?: readonly StorageOptions[]
  /** Default: `instant`. */
  readonly latency?: LatencyPreset | Partial<Latency>
  /** Virtual time, which jumps instead of passing, for tests of long waits. */
  readonly virtualTime?: boolean
  /** Default: 9.2. */
  readonly version?: PveVersion
  readonly faults?: readonly FaultRule[]
  /**
   * Called with each request as it arrives, before it is processed. For example, to kill a client at a certain request.
   */
  readonly onRequest?: (request: { readonly method: string; readonly path: string }) => void
  /** For faults with a probability. */
  readonly seed?: number
  readonly bridges?: readonly string[]
  /** Behavior of simulated guests. Default: no problems, with an agent installed. */
  readonly guests?: Partial<GuestBehaviour>
  /** Devices of the nodes, for resource mappings. Default: none. */
  readonly devices?: readonly HostDevice[]
  /** Machines that exist from the start. */
  readonly machines?: readonly MachineSeed[]
  /** Serves the page, the state as JSON and the switches over plain HTTP, on a free port or on the given one. */
  readonly control?: boolean | { readonly host?: string; readonly port?: number }
  /** Default: random, stored in the data directory. */
  readonly tokenSecret?: string
  readonly rootPassword?: string
}

export const defaultStorages: readonly StorageOptions[] = [{ id: 'local' }, { id: 'local-lvm', type: 'lvmthin' }]
