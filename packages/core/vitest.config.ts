import { defineProject } from 'vitest/config'
import { COMMON, PROGRAMS } from '../../vitest.shared.ts'

export default defineProject({
  test: {
    ...COMMON,
    env: PROGRAMS,
    // Files share a worker and what it has loaded: loading core anew for each file took a third of their processor time.
    isolate: false,
  },
})
