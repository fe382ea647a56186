// A run around a command: manifest and world made from the surroundings, Ctrl-C turned into a signal, sockets closed.
import type { Desired, ProvisionOptions, World } from '@pve-provision/core'
import type { CommonOptions } from './cli.ts'
import { EXIT } from './exit-codes.ts'
import { loadManifest, worldFromEnvironment } from './settings.ts'

export interface RunOptions extends CommonOptions {
  readonly only?: readonly string[]
  readonly replace?: readonly string[]
  readonly stopOnError?: boolean
}

export interface Run {
  readonly desired: Desired
  readonly world: World
  readonly provisionOptions: ProvisionOptions
  readonly interruption: AbortSignal
}

/** Loads what a command needs, runs it, and leaves nothing open behind it. */
export async function withRun(options: RunOptions, command: (run: Run) => Promise<number>): Promise<number> {
  const { desired } = loadManifest(options.file)
  const world = worldFromEnvironment()
  const interruption = onInterrupt()
  const { only, replace, stopOnError, refresh } = options
  const provisionOptions = {
    signal: interruption.signal,
    ...(only && { only }),
    ...(replace && { replace }),
    ...(stopOnError && { stopOnError }),
    ...(refresh && { factsMaxAgeMs: 0 }),
  }
  try {
    return await command({ desired, world, provisionOptions, interruption: interruption.signal })
  } finally {
    interruption.dispose()
    world.pve.close()
  }
}

/** The first Ctrl-C stops politely, the second at once. */
function onInterrupt(): { readonly signal: AbortSignal; readonly dispose: () => void } {
  const controller = new AbortController()
  const listener = () => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted)
    process.stderr.write('\nStopping: nothing more is started, what runs is brought to an end. Ctrl-C again ends at once.\n')
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
