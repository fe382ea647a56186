// Runs a command: creates manifest and world, turns Ctrl-C into a signal, and closes the sockets.
import type { Desired, LockFile, ProvisionOptions, World } from '@pve-provision/core'
import { EXIT } from './exit-codes.ts'
import { readExistingLock, readLock } from './lock.ts'
import { loadManifest } from './manifest.ts'
import type { CommonOptions } from './options.ts'
import { worldFromEnvironment } from './settings.ts'
import { nameManifest } from './text/copyable.ts'
import { exitNow, saySentence } from './text/output.ts'

/** Options that affect the plan. */
export interface PlanChoices {
  readonly only?: readonly string[]
  readonly replace?: readonly string[]
  readonly replaceOutdated?: boolean
  readonly restart?: boolean
  readonly move?: boolean
  readonly withoutNode?: readonly string[]
  readonly batch?: number
  readonly prune?: boolean
  readonly allowNamesake?: boolean
  /** When removing: only machines whose `expires` time has passed. */
  readonly expired?: boolean
}

export interface RunOptions extends CommonOptions, PlanChoices {
  readonly stopOnError?: boolean
  readonly keepFailed?: boolean
  readonly updateImages?: boolean
  readonly verify?: boolean
  /** The nodes of new machines in a saved plan. */
  readonly nodes?: Readonly<Record<string, string>>
}

export function choicesOf(options: RunOptions): PlanChoices {
  const { only, replace, replaceOutdated, restart, move, withoutNode, batch, prune, allowNamesake, expired } = options
  return {
    ...(only && { only }),
    ...(replace && { replace }),
    ...(replaceOutdated && { replaceOutdated }),
    ...(restart && { restart }),
    ...(move && { move }),
    ...(withoutNode && { withoutNode }),
    ...(batch !== undefined && { batch }),
    ...(prune && { prune }),
    ...(allowNamesake && { allowNamesake }),
    ...(expired && { expired }),
  }
}

export interface Surroundings {
  readonly desired: Desired
  readonly world: World
  readonly signal: AbortSignal
}

export interface Run extends Surroundings {
  readonly provisionOptions: ProvisionOptions
}

/**
 * Loads manifest and world for a command, and closes everything afterwards. By default the world has the connection to
 * Proxmox from the environment.
 */
export async function withManifest(
  options: CommonOptions,
  command: (surroundings: Surroundings) => Promise<number>,
  openWorld = worldFromEnvironment,
): Promise<number> {
  const { desired } = loadManifest(options)
  nameManifest(options.file)
  const world = openWorld(desired.limits)
  const interruption = onInterrupt()
  try {
    return await command({ desired, world, signal: interruption.signal })
  } finally {
    interruption.dispose()
    world.pve.close()
  }
}

/** Like `withManifest`, for commands that plan: it also reads the lock file and the planning options. */
export function withRun(options: RunOptions, command: (run: Run) => Promise<number>): Promise<number> {
  const { stopOnError, keepFailed, refresh, updateImages, verify, nodes } = options
  return withManifest(options, (surroundings) => {
    const written = updateImages ? readLock(options) : readExistingLock(options)
    const lock = updateImages ? onlyMeasured(written) : written
    const provisionOptions = {
      ...choicesOf(options),
      withoutNodes: options.withoutNode,
      signal: surroundings.signal,
      lock,
      nodes,
      stopOnError,
      keepFailed,
      verify,
      factsMaxAgeMs: refresh ? 0 : undefined,
    }
    return command({ ...surroundings, provisionOptions })
  })
}

/** Their current digests are known only after a download, and a plan makes none. */
function onlyMeasured(lock: LockFile | undefined): LockFile | undefined {
  const measured = Object.entries(lock?.images ?? {}).filter(([, image]) => image.measured !== undefined)
  return measured.length === 0 ? undefined : { images: Object.fromEntries(measured) }
}

const STOPPING =
  'Stopping: no new steps are started, running steps are finished or left to Proxmox. Press Ctrl-C again to end at once.'

/** The first Ctrl-C stops the run gracefully, the second one immediately. */
function onInterrupt(): { readonly signal: AbortSignal; readonly dispose: () => void } {
  const controller = new AbortController()
  const listener = () => {
    if (controller.signal.aborted) exitNow(EXIT.interrupted)
    saySentence(STOPPING)
    controller.abort()
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, listener)
  return {
    signal: controller.signal,
    dispose: () => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, listener)
    },
  }
}
