import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig } from 'rolldown'

export default defineConfig({
  input: 'src/main.ts',
  platform: 'node',
  external: [/^node:/],
  // Not minified: reviewers read the difference of this committed file.
  output: { file: 'dist/index.js', format: 'esm', codeSplitting: false, minify: false },
  plugins: [licenses()],
})

/** Beside the bundle, the licences of all packages that are in it: several ask for that. */
function licenses() {
  return {
    name: 'licenses',
    generateBundle() {
      const folders = new Set(Array.from(this.getModuleIds(), packageFolder).filter((folder) => folder !== undefined))
      const texts = Array.from(folders, licenseOf).toSorted(([one], [other]) => (one < other ? -1 : 1))
      const source = texts.map(([title, text]) => `${title}\n\n${text}\n`).join(`\n${'-'.repeat(80)}\n\n`)
      this.emitFile({ type: 'asset', fileName: 'licenses.txt', source })
    },
  }
}

/** The innermost `node_modules/name` or `node_modules/@scope/name` of a file. */
function packageFolder(id) {
  return /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0]
}

function licenseOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find((entry) => /^licen[cs]e(?:\.\w+)?$/i.test(entry))
  const text = file && existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8').trim() : ''
  return [`${name} ${version} (${license})`, text.replaceAll('\r\n', '\n')]
}
