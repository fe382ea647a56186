// Runs everything that CI does: the tests, then the other checks. Ends with one line that counts tests and checks
// together.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'

const RESULTS = '.cache/tests.json'

const CHECKS = [
  { name: 'types', command: ['npm', 'run', '--silent', 'typecheck'] },
  { name: 'lint', command: ['npm', 'run', '--silent', 'lint'] },
  { name: 'nothing is unused', command: ['npm', 'run', '--silent', 'check:unused'] },
  { name: 'the lock file is complete', command: ['node', 'scripts/check-lock.mjs'] },
  { name: 'the committed action bundle is fresh', command: ['npm', 'run', '--silent', 'check:dist'] },
  { name: 'the packages are sound', command: ['npm', 'run', '--silent', 'check:packages'] },
  { name: 'generated documents are fresh', command: ['npm', 'run', '--silent', 'check:docs'] },
]

rmSync(RESULTS, { force: true })
const tests = countTests(run(['npm', 'test', '--silent']))
const failed = CHECKS.filter(({ name, command }) => {
  console.log(`\n▸ ${name}`)
  return run(command) !== 0
})

console.log('')
for (const check of CHECKS) console.log(`${failed.includes(check) ? '✗' : '✓'} ${check.name}`)
const failedCount = tests.failed + failed.length
console.log(`${tests.passed + CHECKS.length - failed.length} passed, ${failedCount} failed`)
process.exitCode = failedCount === 0 ? 0 : 1

function run([command, ...args]) {
  return spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] }).status ?? 1
}

/** Counts vitest's results. A failed run without a failed test (a crash, a broken file) counts as one failure. */
function countTests(exitCode) {
  if (!existsSync(RESULTS)) return { passed: 0, failed: 1 }
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(RESULTS, 'utf8'))
  return { passed: numPassedTests, failed: exitCode !== 0 && numFailedTests === 0 ? 1 : numFailedTests }
}
