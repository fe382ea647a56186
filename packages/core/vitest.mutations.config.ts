import { configDefaults, defineConfig } from 'vitest/config'
import { COMMON } from '../../vitest.shared.ts'

// For `npm run check:mutations`: only tests without a server, because each of them runs for many mutants.
export default defineConfig({
  test: {
    testTimeout: COMMON.testTimeout,
    root: import.meta.dirname,
    include: ['test/plan/**/*.test.ts', 'test/ports/pve/call/retry-table.test.ts'],
    exclude: [
      ...configDefaults.exclude,
      'test/plan/from-cluster/round-trip.test.ts',
      'test/plan/first-boot/table.test.ts',
    ],
  },
})
