// Everything CI does: the tests, then the other checks; ends with one line that counts tests and checks alike.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'

const RESULTS = '.cache/tests.json'

const CHECKS = [
  ['typecheck', ['npm', 'run', '--silent', 'typecheck']],
  ['lint', ['npm', 'run', '--silent', 'lint']],
  ['the lock file is complete', ['node', 'scripts/check-lock.mjs']],
  ['the committed action bundle is fresh', ['npm', 'run', '--silent', 'check:dist']],
  ['the packages are sound', ['npm', 'run', '--silent', 'check:packages']],
  ['generated documents are fresh', ['npm', 'run', '--silent', 'check:docs']],
]

rmSync(RESULTS, { force: true })
const testsExit = run(['npm', 'test', '--silent'])
const tests = countTests(testsExit)
const failed = CHECKS.filter(([name, command]) => {
  console.log(`\n▸ ${name}`)
  return run(command) !== 0
})

console.log('')
for (const [name] of CHECKS) console.log(`${failed.some(([other]) => other === name) ? '✗' : '✓'} ${name}`)
const passedCount = tests.passed + CHECKS.length - failed.length
const failedCount = tests.failed + failed.length
console.log(`${passedCount} passed, ${failedCount} failed`)
process.exitCode = failedCount === 0 ? 0 : 1

function run([command, ...args]) {
  return spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] }).status ?? 1
}

/** What vitest wrote; a run that ended badly without a failed test (a crash, a broken file) counts as one failure. */
function countTests(exitCode) {
  if (!existsSync(RESULTS)) return { passed: 0, failed: 1 }
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(RESULTS, 'utf8'))
  return { passed: numPassedTests, failed: exitCode !== 0 && numFailedTests === 0 ? 1 : numFailedTests }
}
