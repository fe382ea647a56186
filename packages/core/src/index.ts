// The door: re-exports, nothing else.
export { type ErrorCode, ProvisionError, toProvisionError } from './errors.ts'
export type { Listener, NoteLevel, Progress, ProvisionEvent } from './events.ts'
export { type ExecuteOptions, execute } from './execute/execute.ts'
export { type CachedFacts, clearFacts, FACTS_MAX_AGE_MS, showFacts } from './facts/cluster/facts-cache.ts'
export { refreshFacts } from './facts/cluster/refresh-facts.ts'
export { type Survey, type SurveyedStorage, surveyCluster } from './facts/cluster/survey.ts'
export type { ClusterFacts, Facts, GuestFacts, ImageFacts, StorageFacts, VolumeFacts } from './facts/facts.ts'
export { type PinOptions, pinImages } from './facts/images/pin.ts'
export { type ObserveOptions, observe } from './facts/observe.ts'
export {
  formatLockFile,
  type LockedImage,
  type LockFile,
  lockChanges,
  parseLockFile,
} from './manifest/lock-file.ts'
export type { Desired, Digest, Image, ImageFormat, Limits, Machine, Position } from './manifest/manifest.ts'
export {
  type ManifestSource,
  type ParsedManifest,
  type ParseOptions,
  parseManifest,
} from './manifest/parse-manifest.ts'
export type { ManifestProblem } from './manifest/read-yaml.ts'
export { manifestJsonSchema } from './manifest/schema/manifest-schema.ts'
export type { Change, ChangeValue, Impact, When } from './plan/change.ts'
export { changeText, effectText, valueText } from './plan/change-text.ts'
export { takesEffect } from './plan/effects.ts'
export { type DestroyOptions, makeDestroyPlan } from './plan/make-destroy-plan.ts'
export { makePlan, type PlanOptions } from './plan/make-plan.ts'
export { makePrunePlan } from './plan/make-prune-plan.ts'
export { nameList } from './plan/name-list.ts'
export {
  blockedSteps,
  changesIn,
  type Difference,
  isAsDeclared,
  type MachineAction,
  type Orphan,
  type Plan,
  type PlannedMachine,
  type StepCounts,
  stepCounts,
} from './plan/plan.ts'
export { type Check, checksOf } from './plan/preflight/preflight.ts'
export type { Problem } from './plan/problem.ts'
export type { Step, StepAction, StepKind, StepResult } from './plan/step.ts'
export { createWorld, type WorldSettings } from './ports/create-world.ts'
export { type ProxySettings, proxyPasswords, proxySettingsOf } from './ports/network/proxy.ts'
export { TRACE_CHANNEL, type TracedRequest } from './ports/network/trace.ts'
export type { Credentials } from './ports/pve/call/session.ts'
export type { Pve, StorageRef } from './ports/pve/pve.ts'
export type { Clock, Counter, Exec, Http, Journal, Meter, QemuImg, Store, World } from './ports/world.ts'
export {
  apply,
  destroy,
  type Prepared,
  type ProvisionOptions,
  prepare,
  prepareDestroy,
  preparePrune,
  provision,
} from './provision.ts'
export { errorDocument, type PlanDocument, planDocument, type ReportDocument, reportDocument } from './report/json.ts'
export { makeReport } from './report/make-report.ts'
export type { MachineReport, Metrics, Outcome, OutcomeStatus, Report } from './report/report.ts'
export { bytesText, countText, durationText } from './report/units.ts'
