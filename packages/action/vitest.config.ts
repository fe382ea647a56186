import { defineProject } from 'vitest/config'
import { PATIENCE } from '../../vitest.shared.ts'

export default defineProject({
  test: { ...PATIENCE, setupFiles: ['test/support/setup.ts'] },
})
