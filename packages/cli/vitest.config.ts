import { defineProject } from 'vitest/config'
import { COMMON, PROGRAMS } from '../../vitest.shared.ts'

export default defineProject({
  test: { ...COMMON, env: PROGRAMS },
})
