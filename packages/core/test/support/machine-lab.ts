// A simulated cluster with an image volume on each node, and runs like those of the engine.
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createSimulator, type Simulator, type SimulatorOptions } from '../../../simulator/src/index.ts'
import { type ExecuteOptions, execute } from '../../src/execute/execute.ts'
import { listStorage } from '../../src/facts/cluster/list-storage.ts'
import { observeAnswers } from '../../src/facts/cluster/observe-answers.ts'
import { listedGuests, observeCluster } from '../../src/facts/cluster/observe-cluster.ts'
import { observeGuests, withFreshStatus } from '../../src/facts/cluster/observe-guests.ts'
import { observeHa, withHa } from '../../src/facts/cluster/observe-ha.ts'
import { guestsByMachine } from '../../src/facts/current-names.ts'
import type { Facts } from '../../src/facts/facts.ts'
import { storageKey } from '../../src/facts/facts.ts'
import { observeMoves } from '../../src/facts/observe-moves.ts'
import type { Desired } from '../../src/manifest/manifest.ts'
import { makeDestroyPlan } from '../../src/plan/make-destroy-plan.ts'
import { makePlan, type PlanOptions } from '../../src/plan/make-plan.ts'
import { baseOf, pulledName, volumeStem } from '../../src/plan/names.ts'
import type { Plan } from '../../src/plan/plan.ts'
import { systemClock } from '../../src/ports/clock.ts'
import { createMeter } from '../../src/ports/meter.ts'
import { createPve, type PveSettings } from '../../src/ports/pve/create-pve.ts'
import type { Pve } from '../../src/ports/pve/pve.ts'
import type { Clock, World } from '../../src/ports/world.ts'
import type { Outcome } from '../../src/report/report.ts'
import { desiredState, imageFacts } from './given.ts'

const IMAGE = imageFacts('fast', 'a', { virtualSizeBytes: 64 * 1024 ** 2 })
const VOLUME = pulledName(volumeStem('fast', baseOf(IMAGE, 'as-is')), 'qcow2')

export type LabOptions = SimulatorOptions

export interface Ran {
  readonly plan: Plan
  readonly outcomes: readonly Outcome[]
  /** One line for each step: `create:web done`. */
  readonly summary: readonly string[]
  readonly notes: readonly string[]
}

export interface RunnerSettings extends Partial<Pick<PveSettings, 'credentials'>> {
  readonly trust?: PveSettings['trust']
  /** Default: a brisk one. */
  readonly clock?: Clock
  /** Ends the execution at this request like `kill -9`: its answer is lost, and no further request is sent. */
  readonly dieAfter?: number
  /** Called with each note. */
  readonly onNote?: (message: string) => void
}

/** A process that runs pve-provision, with its own connection. */
export interface Runner {
  readonly world: World
  observe(desired: Desired, options?: PlanOptions): Promise<Facts>
  apply(desired: Desired, options?: PlanOptions & ExecuteOptions): Promise<Ran>
  execute(desired: Desired, facts: Facts, plan: Plan, signal?: AbortSignal, options?: ExecuteOptions): Promise<Ran>
  destroy(desired: Desired): Promise<Ran>
  close(): void
}

export interface Lab {
  readonly simulator: Simulator
  runner(settings?: RunnerSettings): Runner
  /** A direct call, as a user of the web interface would make it. */
  call<Answer>(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    parameters?: Record<string, unknown>,
  ): Promise<Answer>
  /** Like `call`, and waits for the task. */
  task(method: 'POST' | 'PUT' | 'DELETE', path: string, parameters?: Record<string, unknown>): Promise<void>
  /** Makes all later runners and calls trust this certificate. */
  trust(fingerprint: string): void
  config(vmid: number, node?: string): Promise<Record<string, unknown>>
  /** Returns names and ids of all VMs and templates. */
  guests(): Promise<
    readonly { readonly vmid: number; readonly node: string; readonly name: string; readonly template: number }[]
  >
  close(): Promise<void>
}

export async function createLab(options: LabOptions = {}): Promise<Lab> {
  const simulator = await createSimulator({
    nodes: ['pve1', 'pve2'],
    storages: [{ id: 'local' }],
    latency: 'instant',
    ...options,
  })
  const { nodes = ['pve1', 'pve2'] } = options
  for (const node of nodes) placeVolume(join(simulator.dataDirectory, 'nodes', node, 'var/lib/vz/import'))
  const runners: Runner[] = []
  let trusted = simulator.fingerprint
  const runner: Lab['runner'] = (settings = {}) => {
    const made = createRunner(simulator, { trust: { fingerprint: trusted }, ...settings })
    runners.push(made)
    return made
  }
  let hands = runner()
  const call: Lab['call'] = (method, path, parameters = {}) =>
    hands.world.pve.request(method, path, { parameters }) as Promise<never>
  return {
    simulator,
    runner,
    call,
    async task(method, path, parameters) {
      const upid = await call<string | null>(method, path, parameters)
      if (upid) await hands.world.pve.waitForTask(upid)
    },
    trust(fingerprint) {
      trusted = fingerprint
      hands = runner()
    },
    config: (vmid, node = 'pve1') => call('GET', `/nodes/${node}/qemu/${vmid}/config`),
    async guests() {
      const lists = await Promise.all(
        nodes.map(async (node) => {
          const rows = await call<readonly { vmid: number; name: string; template?: number }[]>(
            'GET',
            `/nodes/${node}/qemu`,
          )
          return rows.map(({ vmid, name, template = 0 }) => ({ vmid: Number(vmid), node, name, template }))
        }),
      )
      return lists.flat().sort((one, other) => one.vmid - other.vmid)
    },
    async close() {
      for (const made of runners) made.close()
      await simulator.close()
    },
  }
}

function placeVolume(folder: string): void {
  mkdirSync(folder, { recursive: true })
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', join(folder, VOLUME), '64M'])
}

function createRunner(simulator: Simulator, settings: RunnerSettings): Runner {
  const { endpoint, tokenId, tokenSecret } = simulator
  const clock = settings.clock ?? briskClock()
  const meter = createMeter()
  const port = createPve({
    endpoints: [new URL(endpoint)],
    credentials: settings.credentials ?? { tokenId, tokenSecret },
    trust: settings.trust ?? {},
    clock,
    meter,
  })
  const { dieAfter = Number.POSITIVE_INFINITY, onNote } = settings
  const life = { left: Number.POSITIVE_INFINITY }
  const pve = mortal(port, life)
  const unused = new Proxy({}, { get: () => () => Promise.reject(new Error('not part of this lab')) })
  const journal = { recall: async () => undefined, record: async () => undefined }
  const world: World = {
    http: unused,
    qemuImg: unused,
    store: unused,
    exec: async () => '',
    journal,
    clock,
    meter,
    pve,
  } as never
  const runner: Runner = {
    world,
    close: () => pve.close(),
    observe: (desired, options) => observeLab(desired, world, options),
    async apply(desired, options = {}) {
      const facts = await observeLab(desired, world, options)
      return runner.execute(desired, facts, makePlan(desired, facts, options), options.signal, options)
    },
    async execute(desired, facts, plan, signal, options = {}) {
      const notes: string[] = []
      life.left = dieAfter
      const outcomes = await execute(
        plan,
        { desired, facts, world },
        {
          ...options,
          ...(signal && { signal }),
          onEvent: (event) => {
            options.onEvent?.(event)
            if (event.type !== 'note') return
            notes.push(event.message)
            onNote?.(event.message)
          },
        },
      )
      return {
        plan,
        outcomes,
        notes,
        summary: outcomes
          .filter(({ step }) => step.kind !== 'resolve')
          .map(({ step, status }) => `${step.id} ${status}`),
      }
    },
    async destroy(desired) {
      const facts = await observeLab(desired, world)
      return runner.execute(desired, facts, makeDestroyPlan(desired, facts))
    },
  }
  return runner
}

/** The port of a process that is killed: after the allowed number of answers, nothing more happens. */
function mortal(pve: Pve, life: { left: number }): Pve {
  const killed = () => Promise.reject(new Error('killed'))
  const request: Pve['request'] = async (...call) => {
    if (life.left <= 0) return killed()
    life.left -= 1
    const dying = life.left === 0
    const answer = await pve.request(...call).catch((error: unknown) => (dying ? undefined : Promise.reject(error)))
    return dying ? killed() : (answer as never)
  }
  // Waiting polls the status of the task. Each poll counts as a request here too.
  const waitForTask: Pve['waitForTask'] = async (upid, options) => {
    if (life.left <= 0) return killed()
    life.left -= 1
    return life.left === 0 ? killed() : pve.waitForTask(upid, options)
  }
  return { ...pve, request, waitForTask }
}

/** Like `observe`, with an image whose volume already exists. */
async function observeLab(
  desired: Desired,
  world: World,
  { move, prune }: Pick<PlanOptions, 'move' | 'prune'> = {},
): Promise<Facts> {
  const { cluster, rows } = await observeCluster(desired, world, { factsMaxAgeMs: 0 })
  const { guests: found, unreachable, namesakes } = await observeGuests(desired, rows, world)
  const { machines } = desired
  const asked = await observeMoves({ machines, guests: await fresh(found, world), move, prune }, world)
  const guests = withHa(asked, await observeHa(desired, world))
  const storageRefs = cluster.storages.filter(
    ({ storage, active, node }) => storage === 'local' && active && !unreachable.some((guest) => guest.node === node),
  )
  const volumes = new Map(
    await Promise.all(
      storageRefs.map(
        async (storageRef) => [storageKey(storageRef), await listStorage(storageRef, world.pve)] as const,
      ),
    ),
  )
  const images = new Map([['fast', IMAGE]])
  const answers = await observeAnswers(
    { machines: desired.machines, guests: guestsByMachine(desired.machines, guests) },
    world,
  )
  const listed = listedGuests(rows)
  return { cluster, guests, answers, unreachable, namesakes, volumes, listed, images, blobs: new Set() }
}

/** The listing of the cluster lags. */
function fresh(guests: Facts['guests'], world: World): Promise<Facts['guests']> {
  return withFreshStatus(guests, () => true, world)
}

/**
 * A clock on which pauses take a tenth of their time, and everything else takes its own. So pauses cost a test little, and
 * on a busy machine a slow answer does not look later than it is.
 */
export function briskClock(factor = 10): Clock {
  let skippedMs = 0
  const now = () => Date.now() + skippedMs
  return {
    now,
    async sleep(ms, signal) {
      const untilMs = now() + ms
      await systemClock.sleep(ms / factor, signal)
      // Pauses at the same time are skipped together.
      skippedMs = Math.max(skippedMs, untilMs - Date.now())
    },
  }
}

/** A clock that runs `factor` times as fast, for waits of many minutes. */
export function fastClock(factor: number): Clock {
  const beganMs = Date.now()
  return {
    now: () => beganMs + (Date.now() - beganMs) * factor,
    sleep: (ms, signal) => systemClock.sleep(ms / factor, signal),
  }
}

/** Returns a desired state on the lab's storage. `vms` is the end of a manifest, from that key on. */
export function labState(tail: string, parse = desiredState): Desired {
  const desired = parse(tail)
  const machines = desired.machines.map((machine) => ({ ...machine, storage: { images: 'local', disks: 'local' } }))
  return { ...desired, machines }
}

/** Returns disk volumes on a node that no guest's config names, which an unclean end leaves behind. */
export async function orphanedVolumes(lab: Lab, node = 'pve1'): Promise<readonly string[]> {
  const rows = await lab.call<readonly { readonly volid: string; readonly content: string }[]>(
    'GET',
    `/nodes/${node}/storage/local/content`,
  )
  const configs = await Promise.all(
    (await lab.guests()).filter((guest) => guest.node === node).map(({ vmid }) => lab.config(vmid, node)),
  )
  const used = JSON.stringify(configs)
  return rows.filter(({ content, volid }) => content === 'images' && !used.includes(volid)).map(({ volid }) => volid)
}

/** Returns the errors, for a test that expects none. */
export function failures({ outcomes }: Ran): readonly string[] {
  return outcomes.flatMap(({ step, error }) => (error ? [`${step.id}: ${error.code} ${error.message}`] : []))
}
