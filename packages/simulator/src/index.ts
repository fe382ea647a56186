// The library's public names.

export { checkFaultRule, type FaultAction, type FaultRule, parseFault } from './faults/fault-rule.ts'
export type { Fault, Faults } from './faults/faults.ts'
export type { LoggedRequest, RequestLog } from './http/request-log.ts'
export type { ArrivedRequest, HeldRequest, RequestFilter } from './http/request-watch.ts'
export { type Latency, type LatencyPreset, latencyOf, latencyPresets } from './latency.ts'
export { defaultStorages, type SimulatorOptions } from './options.ts'
export type { MachineSeed } from './seed-machines.ts'
export { createSimulator, type Simulator } from './simulator.ts'
export type { HaResource } from './state/ha-config.ts'
export type { PveVersion } from './state/privileges.ts'
export type { StorageOptions, StorageType } from './storage/storage-config.ts'
export type { NodeState, World } from './world.ts'
