// Third-party code in our packages, as notices and as a software bill of materials: a plugin for bundles, and a program
// for installed dependencies. Usage, in a package's folder: node ../../scripts/third-party.mjs
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The file in each package on npm. The action's bundle has `licenses.txt` next to it instead. */
export const NOTICES_FILE = 'THIRD-PARTY-NOTICES.txt'

/** CycloneDX. A release contains it, the package does not. */
export const SBOM_FILE = 'sbom.cdx.json'

const BUNDLED = 'This package contains code of the packages below, each under its own licence.'
const INSTALLED =
  'This package contains no code of other packages. It installs those below, each under its own licence.'
const LINE = '-'.repeat(80)

/** What npm does not know about: data that is derived from other people's work. */
const DATA = {
  '@pve-provision/simulator':
    'src/schema/rules.json holds names, types and limits of parameters. It is generated from the API schema that\n' +
    'Proxmox VE publishes, which is Copyright (C) Proxmox Server Solutions GmbH, AGPL-3.0-or-later.',
}

if (process.argv[1] === import.meta.filename) {
  const { name } = manifestOf('.')
  const folders = installedBy(process.cwd())
  const introduction = [INSTALLED, DATA[name]].filter((text) => text !== undefined).join('\n\n')
  writeFileSync(NOTICES_FILE, `${introduction}\n\n${licenseTexts(folders)}`)
  writeFileSync(SBOM_FILE, sbomOf(folders))
}

/** A rolldown plugin: passes the licenses of all packages in the bundle to `write(plugin, text)`. */
export function bundledCode(write) {
  return {
    name: 'third-party',
    generateBundle() {
      const folders = Array.from(this.getModuleIds(), packageFolder).filter((folder) => folder !== undefined)
      write(this, licenseTexts(folders))
      writeFileSync(SBOM_FILE, sbomOf(folders))
    },
  }
}

/** Writes the notices into the package's folder. `files` includes them in the tarball. */
export function writeNotices(_plugin, texts) {
  writeFileSync(NOTICES_FILE, `${BUNDLED}\n\n${texts}`)
}

/** Returns one text for many package folders, sorted by name, with each package once. */
export function licenseTexts(folders) {
  const byTitle = new Map(Array.from(folders, licenseOf))
  const texts = [...byTitle].toSorted(([one], [other]) => (one < other ? -1 : 1))
  return texts.map(([title, text]) => `${title}\n\n${text}\n`).join(`\n${LINE}\n\n`)
}

/** Returns these packages as components of the package in this folder: https://cyclonedx.org/docs/1.6/json/ */
export function sbomOf(folders) {
  const components = new Map(
    Array.from(folders, manifestOf).map((manifest) => [purlOf(manifest), componentOf(manifest)]),
  )
  const bill = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { ...componentOf(manifestOf('.')), type: 'application' } },
    components: [...components].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, component]) => component),
  }
  return `${JSON.stringify(bill, null, 2)}\n`
}

function componentOf(manifest) {
  const { name, version, license } = manifest
  const purl = purlOf(manifest)
  return { type: 'library', 'bom-ref': purl, name, version, licenses: [{ expression: license }], purl }
}

function purlOf({ name, version }) {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`
}

/** Returns the folders of all packages that npm installs with this one: its dependencies and theirs. */
export function installedBy(folder, found = new Set()) {
  for (const name of Object.keys(manifestOf(folder).dependencies ?? {})) {
    const dependency = resolvePackage(folder, name)
    if (found.has(dependency)) continue
    found.add(dependency)
    installedBy(dependency, found)
  }
  return found
}

/** Finds a package like Node: in `node_modules` of this folder and of each parent folder. */
function resolvePackage(folder, name) {
  for (let at = folder; ; at = dirname(at)) {
    const candidate = join(at, 'node_modules', name)
    if (existsSync(join(candidate, 'package.json'))) return candidate
    if (at === dirname(at)) throw new Error(`${name} is not installed; run npm ci`)
  }
}

/** Returns the innermost `node_modules/name` or `node_modules/@scope/name` of a file, not of a module that a plugin wrote. */
function packageFolder(id) {
  return /^[^\0].*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(id)?.[0]
}

function licenseOf(folder) {
  const manifest = manifestOf(folder)
  const file = readdirSync(folder).find((entry) => /^licen[cs]e(?:\.\w+)?$/i.test(entry))
  const text = file ? readFileSync(join(folder, file), 'utf8').trim() : authorsOf(manifest)
  return [`${manifest.name} ${manifest.version} (${manifest.license})`, text.replaceAll('\r\n', '\n')]
}

/** For the few packages without a license text. */
function authorsOf({ author, contributors = [], homepage }) {
  const names = [author, ...contributors].map((person) => person?.name ?? person?.replace(/ <.*>/, ''))
  return `By ${[...new Set(names.filter(Boolean))].join(', ')}. No licence text comes with it. ${homepage ?? ''}`.trim()
}

function manifestOf(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
}
