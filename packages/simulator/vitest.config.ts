import { defineProject } from 'vitest/config'
import { PATIENCE, TYPESCRIPT_PROGRAMS } from '../../vitest.shared.ts'

export default defineProject({
  test: { ...PATIENCE, env: TYPESCRIPT_PROGRAMS },
})
