// The entry point of the action: the run, its post step, or the child process that exchanges one cache entry.
import { CHILD_ARGUMENT } from './cache/cache-protocol.ts'
import { isPostStep } from './made.ts'

// Imported on demand, so that the run does not load the cache clients and the child does not load the engine.
if (process.argv[2] === CHILD_ARGUMENT) await (await import('./cache/child.ts')).serve()
else if (isPostStep(process.env)) await (await import('./run-after.ts')).runAfter()
else await (await import('./run.ts')).run(import.meta.filename)
