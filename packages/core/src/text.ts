// Entry point for programs that display a run: JSON documents as the command line prints them, and formatted numbers.

export { type CleanOptions, cleanText } from './foreign-text.ts'
export { createMasker, type Masker } from './mask.ts'
export { compareNames } from './natural-order.ts'
export { changeText, effectText, valueText } from './plan/change/change-text.ts'
export { nameList } from './plan/name-list.ts'
export { addressOf, ansibleInventory, type InventoryMachine } from './report/inventory.ts'
export { errorDocument, type PlanDocument, planDocument, type ReportDocument, reportDocument } from './report/json.ts'
export { leftDifferent } from './report/left-different.ts'
export { addressTexts, machineText } from './report/machine-text.ts'
export { type LookedAt, planDifferences } from './report/plan-differences.ts'
export { type PlannedReport, plannedReports } from './report/planned-report.ts'
export {
  alsoFailed,
  type FailureGroup,
  failureGroups,
  type ProblemGroup,
  problemGroups,
  problemText,
} from './report/problem-groups.ts'
export { createRolloutWatch, type RolloutWatch } from './report/rollout-watch.ts'
export { bytesText, countText, durationText } from './report/units.ts'
