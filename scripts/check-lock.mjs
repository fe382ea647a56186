// Checks that the lock file has an entry for every optional platform package that it refers to. Otherwise `npm ci`
// fails.
import { readFileSync } from 'node:fs'

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'))
const missing = []
for (const [path, entry] of Object.entries(packages)) {
  for (const name of Object.keys(entry.optionalDependencies ?? {})) {
    if (!resolves(path, name)) missing.push(`${path || '.'} -> ${name}`)
  }
  if (/^https?:/.test(entry.resolved ?? '')) missing.push(`${path}: the lock names a registry host`)
}
for (const line of missing) console.error(line)
console.log(missing.length === 0 ? 'package-lock.json is complete' : `${missing.length} faults in package-lock.json`)
process.exitCode = missing.length === 0 ? 0 : 1

function resolves(from, name) {
  for (let folder = from; ; folder = folder.replace(/(^|\/)node_modules\/(@[^/]+\/)?[^/]+$/, '')) {
    if (packages[`${folder ? `${folder}/` : ''}node_modules/${name}`]) return true
    if (!folder.includes('node_modules')) return Boolean(packages[`node_modules/${name}`])
  }
}
