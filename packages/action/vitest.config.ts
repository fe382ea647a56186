import { defineProject } from 'vitest/config'
import { COMMON } from '../../vitest.shared.ts'

export default defineProject({
  test: { ...COMMON, setupFiles: ['test/support/setup.ts'] },
})
