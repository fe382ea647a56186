import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: ['packages/*', 'benchmarks'],
    // Most tests wait for a server, a task or a program: one worker less than processors, as Vitest has it, idles.
    maxWorkers: Math.max(3, availableParallelism()),
  },
})
