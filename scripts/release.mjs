// The release of the version that the repository has, once.
// Usage: node scripts/release.mjs next              prints `tag=v1.2.3`, or `tag=` when there is nothing to release
//        node scripts/release.mjs publish FILE…     tags it, moves the major tag there, and makes a release with these files
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const { version } = JSON.parse(readFileSync('packages/action/package.json', 'utf8'))
const tag = `v${version}`
const major = `v${version.split('.')[0]}`

const [verb, ...files] = process.argv.slice(2)
if (verb === 'next') console.log(`tag=${version === '0.0.0' || isReleased() ? '' : tag}`)
else if (verb === 'publish') publish()
else throw new Error('usage: node scripts/release.mjs next | publish FILE…')

/** A release is the last thing that is made: a run that failed half-way is finished by the next one. */
function isReleased() {
  try {
    run('gh', 'release', 'view', tag, '--json', 'tagName')
    return true
  } catch {
    return false
  }
}

/** Tags first: a release that is immutable fixes what its tag points to. */
function publish() {
  if (git('tag', '--list', tag) === '') git('tag', tag)
  if (git('rev-list', '-n', '1', tag) !== git('rev-parse', 'HEAD'))
    throw new Error(`${tag} is at another commit, where a release failed half-way: run that workflow run again.`)
  git('push', 'origin', `refs/tags/${tag}`)
  // A tag without a release of its own: that one has to be able to move.
  git('tag', '--force', major)
  git('push', '--force', 'origin', `refs/tags/${major}`)
  run('gh', 'release', 'create', tag, '--verify-tag', '--title', tag, '--notes', notes(), ...files)
}

/** What the changelogs of the packages say of this version. */
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
