// Puts all that a release carries into one folder: tarballs, bills of materials and the action's bundle.
// Usage: node scripts/pack-release.mjs FOLDER (after a build)
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { SBOM_FILE } from './third-party.mjs'

const PUBLISHED = ['core', 'simulator', 'cli']

const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error('usage: node scripts/pack-release.mjs FOLDER')
mkdirSync(folder, { recursive: true })

for (const name of PUBLISHED) {
  const cwd = join('packages', name)
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', resolve(folder)], { cwd, stdio: 'inherit' })
}
for (const name of [...PUBLISHED, 'action'])
  copyFileSync(join('packages', name, SBOM_FILE), join(folder, `${name}.${SBOM_FILE}`))
// What `uses:` runs is what is committed; its attestation says which workflow held it against its sources.
copyFileSync('packages/action/dist/index.js', join(folder, 'action.index.js'))
