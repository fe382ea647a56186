import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: ['packages/*', 'benchmarks'],
    coverage: {
      provider: 'v8',
      // Files that no test imports count too. What runs as a process of its own (the bundles) is not seen.
      include: ['packages/*/src/**/*.ts'],
      reporter: ['text-summary', 'json-summary', 'html'],
      reportsDirectory: '.cache/coverage',
      reportOnFailure: true,
    },
  },
})
