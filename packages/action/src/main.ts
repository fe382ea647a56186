// The door of the action: the run itself, its post step or, in a child process of it, one exchange with the workflow's cache.
import { CHILD_ARGUMENT } from './cache/cache-protocol.ts'
import { isPostStep } from './made.ts'

// Imported when needed: the run does not pay for the cache's clients, nor the child for the engine.
if (process.argv[2] === CHILD_ARGUMENT) await (await import('./cache/child.ts')).serve()
else if (isPostStep(process.env)) await (await import('./run-after.ts')).runAfter()
else await (await import('./run.ts')).run()
