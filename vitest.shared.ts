// What the tests of all packages have in common.

export const COMMON = {
  testTimeout: 60_000,
  hookTimeout: 60_000,
  // Test files share a worker and what it has loaded. Loading everything anew for each file took a sixth of the time.
  isolate: false,
}

/** Some tests start a TypeScript file as a process; Node before 22.18 does that only when it is told to. */
export const TYPESCRIPT_PROGRAMS = process.features.typescript
  ? {}
  : { NODE_OPTIONS: '--experimental-strip-types --disable-warning=ExperimentalWarning' }
