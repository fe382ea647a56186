// Collects all files of a release in one folder: tarballs, SBOMs and the action's bundle.
//
// Usage: node scripts/pack-release.mjs FOLDER (after a build)
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs'
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
// `uses:` runs the committed bundle. Its attestation names the workflow that compared it with its sources.
const bundle = 'packages/action/dist'
for (const name of readdirSync(bundle)) copyFileSync(join(bundle, name), join(folder, `action.dist.${name}`))
