import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: ['packages/*', 'benchmarks'],
    coverage: {
      provider: 'v8',
      // Also counts files that no test imports. Code in separate processes (the bundles) is not measured.
      include: ['packages/*/src/**/*.ts'],
      reporter: ['text-summary', 'json-summary', 'html'],
      reportsDirectory: '.cache/coverage',
      reportOnFailure: true,
    },
  },
})
