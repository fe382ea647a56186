// Tags the version of the action, moves its major tag there, and releases it. Does nothing when that version has a tag.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const { version } = JSON.parse(readFileSync('packages/action/package.json', 'utf8'))
const tag = `v${version}`
const major = `v${version.split('.')[0]}`

if (version === '0.0.0') console.log('Nothing to release: no version yet.')
else if (git('tag', '--list', tag) !== '') console.log(`Nothing to release: ${tag} is there.`)
else release()

/** Tags first: a release that is immutable fixes what its tag points to. */
function release() {
  git('tag', tag)
  git('push', 'origin', `refs/tags/${tag}`)
  // A tag without a release of its own: that one has to be able to move.
  git('tag', '--force', major)
  git('push', '--force', 'origin', `refs/tags/${major}`)
  run('gh', 'release', 'create', tag, '--verify-tag', '--title', tag, '--notes', notes())
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
