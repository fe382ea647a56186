// What can be chosen of a simulated cluster; everything has a default.
import type { FaultRule } from './faults/fault-rule.ts'
import type { Latency, LatencyPreset } from './latency.ts'
import type { MachineSeed } from './seed-machines.ts'
import type { GuestBehaviour } from './state/guest-behaviour.ts'
import type { HostDevice } from './state/mappings.ts'
import type { PveVersion } from './state/privileges.ts'
import type { StorageOptions } from './storage/storage-config.ts'

export interface SimulatorOptions {
  /** Where the state is kept; a temporary folder that `close()` removes when not given. */
  readonly dataDirectory?: string
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Default 0: the kernel chooses. */
  readonly port?: number
  /** An endpoint for each node, as real nodes have, rather than one that answers for all. Default false. */
  readonly endpointPerNode?: boolean
  /** Default one node, `pve`. The first answers for the cluster. */
  readonly nodes?: readonly string[]
  /** Default `local` (dir, everything) and `local-lvm` (thin LVM, images). Used when the data directory is new. */
  readonly storages?: readonly StorageOptions[]
  /** Default `instant`. */
  readonly latency?: LatencyPreset | Partial<Latency>
  /** Time that jumps instead of passing: for tests of hours. */
  readonly virtualTime?: boolean
  /** Default 9.2. */
  readonly version?: PveVersion
  readonly faults?: readonly FaultRule[]
  /** Told of each request as it arrives, before anything is done: for the one that kills a client at a certain one. */
  readonly onRequest?: (request: { readonly method: string; readonly path: string }) => void
  /** For faults with a probability. */
  readonly seed?: number
  readonly bridges?: readonly string[]
  /** How simulated guests behave. Default: as well as they can, with an agent inside. */
  readonly guests?: Partial<GuestBehaviour>
  /** What is plugged into the nodes, for resource mappings. Default: nothing. */
  readonly devices?: readonly HostDevice[]
  /** Machines that are there from the start. */
  readonly machines?: readonly MachineSeed[]
  /** Serves the page, the state as JSON and the switches, over plain HTTP: on a port of the kernel's choice or where told. */
  readonly control?: boolean | { readonly host?: string; readonly port?: number }
  /** Default: random, kept in the data directory. */
  readonly tokenSecret?: string
  readonly rootPassword?: string
}

export const defaultStorages: readonly StorageOptions[] = [{ id: 'local' }, { id: 'local-lvm', type: 'lvmthin' }]
