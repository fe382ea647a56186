// What the tests of all packages have in common.
import { fileURLToPath } from 'node:url'

export const COMMON = {
  // Only for what never ends. On a machine with other work, a test can take ten times as long as alone.
  testTimeout: 300_000,
  hookTimeout: 300_000,
  expect: { poll: { timeout: 120_000 } },
  // Test files share a worker and what it has loaded. Loading everything anew for each file took a sixth of the time.
  isolate: false,
}

/** For the many programs that tests start: each of them is compiled once, not once in each process. */
const NODE_COMPILE_CACHE = fileURLToPath(new URL('.cache/compile', import.meta.url))

/** Some tests start a TypeScript file as a process; Node before 22.18 does that only when it is told to. */
const TYPESCRIPT_PROGRAMS = process.features.typescript
  ? {}
  : { NODE_OPTIONS: '--experimental-strip-types --disable-warning=ExperimentalWarning' }

export const PROGRAMS = { NODE_COMPILE_CACHE, ...TYPESCRIPT_PROGRAMS }
