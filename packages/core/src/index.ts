// The main entry point: provisions the machines of a manifest. `advanced.ts` and `text.ts` export the rest.
export { type ErrorCode, type ErrorDetails, isProvisionError, ProvisionError } from './errors.ts'
export type { Listener, NoteLevel, Progress, ProvisionEvent } from './events.ts'
export type { LockedImage, LockFile } from './manifest/lock-file.ts'
export type { Desired, Digest, Image, ImageFormat, Limits, Machine, Position } from './manifest/manifest.ts'
export {
  type ManifestSource,
  type ParsedManifest,
  type ParseOptions,
  parseManifest,
} from './manifest/parse-manifest.ts'
export type { ManifestProblem } from './manifest/read/read-yaml.ts'
export type { Change, ChangeValue, Impact, When } from './plan/change/change.ts'
export type { ListedMachine } from './plan/day-two/list-machines.ts'
export {
  type Difference,
  isAsDeclared,
  type KeptDisk,
  type MachineAction,
  type Orphan,
  type Plan,
  type PlannedMachine,
} from './plan/plan.ts'
export type { Problem } from './plan/problems/problem.ts'
export type { Step, StepAction, StepKind, StepResult } from './plan/step.ts'
export { createWorld, type WorldSettings } from './ports/create-world.ts'
export { type ProxySettings, proxySettingsOf } from './ports/network/proxy.ts'
export type { Credentials } from './ports/pve/call/session.ts'
export type { World } from './ports/world.ts'
export {
  type Adoptions,
  apply,
  destroy,
  list,
  type Prepared,
  type ProvisionOptions,
  prepare,
  prepareAdopt,
  prepareDestroy,
  preparePrune,
  provision,
} from './provision.ts'
export type { MachineReport, Metrics, Outcome, OutcomeStatus, Report } from './report/report.ts'
