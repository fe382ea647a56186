import { defineConfig } from 'vitest/config'

// For `npm run check:mutations`: the tests that think and touch nothing, for each of them runs for many mutants.
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['test/plan/**/*.test.ts', 'test/ports/pve/call/retry-table.test.ts'],
  },
})
