// Releases the version in the repository, once.
//
// Usage:
//   node scripts/release.mjs next prints `tag=v1.2.3`, or `tag=` if there is nothing to release
//   node scripts/release.mjs publish FILE… creates the tag, moves the major tag, and creates a release with these files
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const { version } = JSON.parse(readFileSync('packages/action/package.json', 'utf8'))
const tag = `v${version}`
const major = `v${version.split('.')[0]}`

const [verb, ...files] = process.argv.slice(2)
if (verb === 'next') console.log(`tag=${version === '0.0.0' || isReleased() ? '' : tag}`)
else if (verb === 'publish') publish()
else throw new Error('usage: node scripts/release.mjs next | publish FILE…')

/** The release is created last, so the next run completes one that failed midway. */
function isReleased() {
  try {
    run('gh', 'release', 'view', tag, '--json', 'tagName')
    return true
  } catch {
    return false
  }
}

/** Tags come first, because an immutable release fixes the target of its tag. */
function publish() {
  if (git('tag', '--list', tag) === '') git('tag', tag)
  if (git('rev-list', '-n', '1', tag) !== git('rev-parse', 'HEAD'))
    throw new Error(`${tag} is at another commit, where a release failed half-way: run that workflow run again.`)
  git('push', 'origin', `refs/tags/${tag}`)
  // The major tag has no release of its own, because it must be able to move.
  git('tag', '--force', major)
  git('push', '--force', 'origin', `refs/tags/${major}`)
  run('gh', 'release', 'create', tag, '--verify-tag', '--title', tag, '--notes', notes(), ...files)
}

/** Returns what the packages' changelogs contain about this version. */
function notes() {
  const parts = ['cli', 'core', 'simulator', 'action'].flatMap((name) => {
    const section = sectionOf(`packages/${name}/CHANGELOG.md`)
    return section === '' ? [] : [`## ${name}\n\n${section}`]
  })
  return parts.join('\n\n') || `See the changelogs of ${tag}.`
}

function sectionOf(file) {
  try {
    const [, section = ''] = readFileSync(file, 'utf8').split(/^## .*$/m)
    return section.trim()
  } catch {
    return ''
  }
}

function git(...args) {
  return run('git', ...args)
}

function run(file, ...args) {
  return execFileSync(file, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim()
}
