// Entry point for programs that control the run themselves: observe, plan and execute, pins, cached facts, ports.
export { toProvisionError } from './errors.ts'
export { estimateMs } from './execute/estimate.ts'
export { type ExecuteOptions, execute } from './execute/execute.ts'
export { type CachedFacts, clearFacts, FACTS_MAX_AGE_MS, showFacts } from './facts/cluster/facts-cache.ts'
export { refreshFacts } from './facts/cluster/refresh-facts.ts'
export { type Survey, type SurveyedStorage, surveyCluster } from './facts/cluster/survey.ts'
export {
  type MachineSurvey,
  type SurveyedMachine,
  type SurveyOptions,
  surveyMachines,
} from './facts/cluster/survey-machines.ts'
export { listSeeds, type SeedVolume } from './facts/devices/list-seeds.ts'
export type { ClusterFacts, Facts, GuestFacts, ImageFacts, StorageFacts, VolumeFacts } from './facts/facts.ts'
export { type PinOptions, pinImages } from './facts/images/pin.ts'
export { type ObserveOptions, observe } from './facts/observe.ts'
export { sourcesOf } from './manifest/built-images.ts'
export { type DocumentKind, documentKind } from './manifest/documents/document-kind.ts'
export { formatLockFile, lockChanges, parseLockFile } from './manifest/lock-file.ts'
export { holdsPublicKeys } from './manifest/public-key.ts'
export { type ParserError, type SyntaxProblem, syntaxProblems } from './manifest/read/syntax.ts'
export { manifestShape } from './manifest/schema/manifest-schema.ts'
export { manifestJsonSchema } from './manifest/schema/published-schema.ts'
export { takesEffect } from './plan/change/effects.ts'
export {
  type ClusterPlaces,
  type DescribedCluster,
  describeCluster,
} from './plan/from-cluster/describe-cluster.ts'
export { isLinkedTo } from './plan/linked-templates.ts'
export { type DestroyOptions, makeDestroyPlan } from './plan/make-destroy-plan.ts'
export { makePlan, type PlanOptions } from './plan/make-plan.ts'
export { makePrunePlan } from './plan/make-prune-plan.ts'
export { blockedSteps, changesIn, differs, type StepCounts, stepCounts } from './plan/plan.ts'
export { type Check, checksOf } from './plan/preflight/preflight.ts'
export { refuseImpossible } from './plan/problems/manifest-problems.ts'
export { NO_PROXMOX } from './ports/create-world.ts'
export { createForeignFiles, type ForeignFiles, type ForeignFilesSettings } from './ports/files/foreign-files.ts'
export { proxyPasswords } from './ports/network/proxy.ts'
export { TRACE_CHANNEL, type TracedRequest } from './ports/network/trace.ts'
export type { Pve, StorageRef } from './ports/pve/pve.ts'
export type { Clock, Counter, Http, Journal, Meter, QemuImg, Store } from './ports/world.ts'
export { clusterFindings, connectionFailure, type DoctorFinding, manifestFindings } from './report/doctor.ts'
export { makeReport } from './report/make-report.ts'
