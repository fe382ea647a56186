import { defineProject } from 'vitest/config'
import { COMMON, TYPESCRIPT_PROGRAMS } from '../../vitest.shared.ts'

export default defineProject({
  test: { ...COMMON, env: TYPESCRIPT_PROGRAMS },
})
