// Checks that the committed bundle of the action is what the sources give: npm run check:dist (builds first)
// It compares with the index, so it is also right before a commit, and it changes nothing.
import { execFileSync } from 'node:child_process'

const DIST = 'packages/action/dist'
const list = (...options) =>
  execFileSync('git', ['ls-files', '--exclude-standard', ...options, '--', DIST], { encoding: 'utf8' })
const stale = [...new Set(list('--modified', '--deleted', '--others').split('\n').filter(Boolean))]
if (stale.length > 0) {
  console.error(`These files are not what the build gives. Commit them:\n${stale.join('\n')}`)
  process.exitCode = 1
}
