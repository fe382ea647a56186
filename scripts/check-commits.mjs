// Checks that the subjects of new commits are short enough for `git log`: npm run check:commits -- BASE
import { execFileSync } from 'node:child_process'

const MAX_LENGTH = 72
const NONE = /^0*$/

const base = process.argv[2] ?? 'origin/main'

// GitHub uses a commit of zeros as the base of a new branch.
const faults = NONE.test(base) ? [] : subjectsSince(base).filter(({ subject }) => subject.length > MAX_LENGTH)
for (const { commit, subject } of faults)
  console.error(`✗ ${commit} has a subject of ${subject.length} characters, ${MAX_LENGTH} is the most: ${subject}`)
process.exitCode = faults.length === 0 ? 0 : 1

/** Returns the commits after `base` without merges, newest first. */
function subjectsSince(commit) {
  const range = ['log', '--no-merges', '--format=%h %s', `${commit}..HEAD`, '--']
  const lines = execFileSync('git', range, { encoding: 'utf8' }).split('\n').filter(Boolean)
  return lines.map((line) => ({ commit: line.slice(0, line.indexOf(' ')), subject: line.slice(line.indexOf(' ') + 1) }))
}
