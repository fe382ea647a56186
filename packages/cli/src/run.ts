// A run around a command: manifest and world made from the surroundings, Ctrl-C turned into a signal, sockets closed.
import type { Desired, LockFile, ProvisionOptions, World } from '@pve-provision/core'
import { EXIT } from './exit-codes.ts'
import { readLock } from './lock.ts'
import { loadManifest } from './manifest.ts'
import type { CommonOptions } from './options.ts'
import { worldFromEnvironment } from './settings.ts'
import { exitNow, saySentence } from './text/output.ts'

export interface RunOptions extends CommonOptions {
  readonly only?: readonly string[]
  readonly replace?: readonly string[]
  readonly stopOnError?: boolean
  readonly updateImages?: boolean
  readonly verify?: boolean
  readonly expired?: boolean
}

export interface Surroundings {
  readonly desired: Desired
  readonly world: World
  readonly signal: AbortSignal
}

export interface Run extends Surroundings {
  readonly provisionOptions: ProvisionOptions
}

/** Loads manifest and world for a command, and leaves nothing open behind it. */
export async function withManifest(
  options: CommonOptions,
  command: (surroundings: Surroundings) => Promise<number>,
): Promise<number> {
  const { desired } = loadManifest(options)
  const world = worldFromEnvironment(desired.limits)
  const interruption = onInterrupt()
  try {
    return await command({ desired, world, signal: interruption.signal })
  } finally {
    interruption.dispose()
    world.pve.close()
  }
}

/** The same for a command that plans: with the lock file beside the manifest and the options that planning takes. */
export function withRun(options: RunOptions, command: (run: Run) => Promise<number>): Promise<number> {
  const { only, replace, stopOnError, refresh, updateImages, verify, expired } = options
  return withManifest(options, (surroundings) => {
    const written = readLock(options)
    const lock = updateImages ? onlyMeasured(written) : written
    const provisionOptions = {
      signal: surroundings.signal,
      ...(lock && { lock }),
      ...(only && { only }),
      ...(replace && { replace }),
      ...(stopOnError && { stopOnError }),
      ...(verify && { verify }),
      ...(expired && { expired }),
      ...(refresh && { factsMaxAgeMs: 0 }),
    }
    return command({ ...surroundings, provisionOptions })
  })
}

/** Of these only a download would tell what they are today, and a plan makes none. */
function onlyMeasured(lock: LockFile | undefined): LockFile | undefined {
  const measured = Object.entries(lock?.images ?? {}).filter(([, image]) => image.measured !== undefined)
  return measured.length === 0 ? undefined : { images: Object.fromEntries(measured) }
}

const STOPPING = 'Stopping: nothing more is started, what runs is brought to an end. Ctrl-C again ends at once.'

/** The first Ctrl-C stops politely, the second at once. */
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
