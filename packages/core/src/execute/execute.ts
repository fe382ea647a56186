// The executor: runs the graph of steps, with one promise for each step. It never rejects, and resolves when all steps
// have settled.
import { ProvisionError, toProvisionError } from '../errors.ts'
import { type Listener, notify } from '../events.ts'
import type { Facts } from '../facts/facts.ts'
import { cleanText } from '../foreign-text.ts'
import type { Desired } from '../manifest/manifest.ts'
import type { PlannedSteps } from '../plan/plan.ts'
import type { Step, StepResult } from '../plan/step.ts'
import { storageLane } from '../plan/storages.ts'
import type { World } from '../ports/world.ts'
import type { Outcome } from '../report/report.ts'
import { createLanes, type Leave } from './lanes.ts'
import { createRunState, type RunState } from './run-state.ts'
import type { Runners } from './run-step.ts'
import type { StepContext } from './step-context.ts'

/** Options for `execute`. */
export interface ExecuteOptions {
  readonly signal?: AbortSignal | undefined
  readonly onEvent?: Listener | undefined
  /** After the first failure, start no more steps. Running steps finish. */
  readonly stopOnError?: boolean | undefined
  /** Keep the VM of a failed image build for inspection. */
  readonly keepFailed?: boolean | undefined
  /** One function for each kind of step. Tests may replace them. */
  readonly runners?: Runners | undefined
}

interface Run {
  readonly runners: Partial<Runners>
  readonly world: World
  readonly desired: Desired
  readonly facts: Facts
  readonly state: RunState
  readonly lanes: ReturnType<typeof createLanes>
  readonly onEvent: Listener | undefined
  readonly signal: AbortSignal
  /** Aborted after a failure if the run should stop at the first one. Then no more steps start. */
  readonly halt: AbortController
  readonly outcomes: Map<string, Promise<Outcome>>
  readonly results: Map<string, StepResult>
  /** Tasks that steps started and left running. */
  readonly beside: Promise<void>[]
  readonly beganAtMs: number
  readonly stopOnError: boolean
  readonly keepFailed: boolean
}

/**
 * Executes a plan. Failures become outcomes: steps that need a failed step are blocked and name it, and all others
 * continue.
 * @returns one outcome for each step, in the order of the plan
 */
export async function execute(
  plan: PlannedSteps,
  { desired, facts, world }: { readonly desired: Desired; readonly facts: Facts; readonly world: World },
  {
    signal = new AbortController().signal,
    onEvent,
    stopOnError = false,
    keepFailed = false,
    runners,
  }: ExecuteOptions = {},
): Promise<readonly Outcome[]> {
  const run: Run = {
    world,
    desired,
    facts,
    state: createRunState(),
    lanes: createLanes({ limits: desired.limits, storageType: storageTypes(facts), now: () => world.clock.now() }),
    onEvent,
    signal,
    halt: new AbortController(),
    outcomes: new Map(),
    results: new Map(),
    beside: [],
    beganAtMs: world.clock.now(),
    stopOnError,
    keepFailed,
    runners: runners ?? (await runnersOf(plan)),
  }
  for (const step of plan.steps) run.outcomes.set(step.id, settle(step, run))
  const outcomes = await Promise.all(run.outcomes.values())
  await Promise.all(run.beside)
  return outcomes
}

/** Loads the code of the steps before the first one starts. If there is nothing to do, nothing is loaded. */
async function runnersOf({ steps }: PlannedSteps): Promise<Partial<Runners>> {
  return steps.some(({ action }) => action === 'run') ? (await import('./run-step.ts')).RUNNERS : {}
}

/** Proxmox's type of the storage behind a lane. */
function storageTypes({ cluster: { storages } }: Facts): (lane: string) => string | undefined {
  const types = new Map(storages.map((storage) => [storageLane(storage, storage), storage.type]))
  return (lane) => types.get(lane)
}

async function settle(step: Step, run: Run): Promise<Outcome> {
  const outcome = await outcomeOf(step, run)
  if (outcome.result) run.results.set(step.id, outcome.result)
  notify(run.onEvent, { type: 'settled', outcome, atMs: run.world.clock.now() - run.beganAtMs })
  return outcome
}

async function outcomeOf(step: Step, run: Run): Promise<Outcome> {
  const needs = await Promise.all(step.needs.map((need) => run.outcomes.get(need) ?? missingNeed(step, need)))
  const startedAtMs = run.world.clock.now() - run.beganAtMs
  const base = { step, ms: 0, startedAtMs }
  const cause = needs.find((need) => need.status !== 'done' && need.status !== 'kept')
  if (cause?.status === 'cancelled') return { ...base, status: 'cancelled' }
  if (cause) return { ...base, status: 'blocked', by: cause.by ?? cause.step.id }
  const failed = await failedBefore(step, run)
  if (failed !== undefined) return { ...base, status: 'blocked', by: failed }
  if (step.problem) {
    if (run.stopOnError) run.halt.abort()
    return { ...base, status: 'failed', error: step.problem }
  }
  if (step.action === 'keep') return { ...base, status: 'kept', result: step.known ?? {} }
  return run.lanes.run(step.lanes, (leave) => act(step, run, leave))
}

/** Returns the step that exceeded the allowed failures, if the rollout must stop. It waits for all earlier batches. */
async function failedBefore({ gate }: Step, run: Run): Promise<string | undefined> {
  if (gate === undefined) return undefined
  const before = await Promise.all(gate.before.flatMap((id) => run.outcomes.get(id) ?? []))
  const failed = before.filter(({ status }) => status !== 'done' && status !== 'kept')
  // A machine that could not move is not restarted either, which is one failure.
  const machines = new Set(failed.map(({ step: { id, ...rest } }) => ('machine' in rest ? rest.machine : id)))
  return machines.size > gate.maxFailures ? failed[0]?.step.id : undefined
}

async function act(step: Step, run: Run, leave: Leave): Promise<Outcome> {
  const { clock } = run.world
  const startedAtMs = clock.now() - run.beganAtMs
  if (run.signal.aborted || run.halt.signal.aborted) return { step, status: 'cancelled', ms: 0, startedAtMs }
  notify(run.onEvent, { type: 'started', step, atMs: startedAtMs })
  const timing = () => ({ step, startedAtMs, ms: clock.now() - run.beganAtMs - startedAtMs })
  try {
    const warnings: string[] = []
    const result = await runnerOf(step, run)(contextOf(step, run, { warnings, leave }))
    const told = warnings.length === 0 ? result : { ...result, warnings }
    return { ...timing(), status: result.kept ? 'kept' : 'done', result: told }
  } catch (thrown) {
    const error = toProvisionError(thrown)
    // Abort before the lane is released, so that the next step in the lane sees that the run has stopped.
    if (error.code !== 'CANCELLED' && run.stopOnError) run.halt.abort()
    return { ...timing(), status: error.code === 'CANCELLED' ? 'cancelled' : 'failed', error }
  }
}

function runnerOf(step: Step, { runners }: Run): (context: StepContext) => Promise<StepResult> {
  // The table is keyed by kind, so the runner matches the step. TypeScript cannot infer this for a union.
  const runner = runners[step.kind] as (step: Step, context: StepContext) => Promise<StepResult>
  return (context) => runner(step, context)
}

const PROGRESS_INTERVAL_MS = 100

function contextOf(
  step: Step,
  { world, desired, facts, signal, results, onEvent, state, lanes, beside, keepFailed }: Run,
  { warnings, leave }: { readonly warnings: string[]; readonly leave: Leave },
): StepContext {
  let lastProgressMs = Number.NEGATIVE_INFINITY
  const note: StepContext['note'] = (level, message) =>
    notify(onEvent, { type: 'note', level, message: cleanText(message), step })
  return {
    run: state,
    keepFailed,
    world,
    desired,
    facts,
    signal,
    result: (id) => results.get(id) ?? {},
    progress(progress) {
      const now = world.clock.now()
      if (now - lastProgressMs < PROGRESS_INTERVAL_MS && progress.done !== progress.total) return
      lastProgressMs = now
      notify(onEvent, { type: 'progress', step, progress })
    },
    stage: (stage) => notify(onEvent, { type: 'stage', step, stage: cleanText(stage) }),
    note,
    leave,
    inLanes: (names, task) => lanes.run(names, task),
    beside(lane, task) {
      beside.push(
        lanes.run([lane], task).catch((error) => note('debug', `${step.id}: ${toProvisionError(error).message}`)),
      )
    },
    warn: (sentence) => warnings.push(cleanText(sentence)),
    onRetry({ reason, attempt, message }) {
      if (reason === 'lock') lanes.narrow(step.lanes)
      note('debug', `${step.id}: trying again (${attempt}): ${message}`)
    },
  }
}

function missingNeed(step: Step, need: string): never {
  throw new ProvisionError('UNEXPECTED', `The plan lists ${step.id} before ${need}, which it needs.`)
}
