// Creates a single executable of the command line with Node inside, for this operating system: npm run binary --
// [FOLDER] https://nodejs.org/docs/latest-v24.x/api/single-executable-applications.html
import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { bundle } from '../packages/cli/rolldown.config.js'
import { NOTICES_FILE } from './third-party.mjs'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const FOLDER = join(ROOT, '.cache/binary')
const NAME = `pve-provision-${process.platform}-${process.arch}`
const OUTPUT = resolve(process.argv[2] ?? FOLDER)
const [SCRIPT, CONFIG, BLOB] = ['pve-provision.cjs', 'sea.json', 'sea.blob'].map((name) => join(FOLDER, name))
const PROGRAM = join(OUTPUT, NAME)
const PARTIAL = `${PROGRAM}.partial`

// Node looks for this mark to find an injected blob. It is the same in all versions of Node.
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'

for (const folder of [FOLDER, OUTPUT]) mkdirSync(folder, { recursive: true })
await bundleScript()
makeBlob()
copyNode()
putBlobIn()
renameSync(PARTIAL, PROGRAM)
writeFileSync(`${PROGRAM}.licenses.txt`, licenses())
console.log(`${PROGRAM} (${Math.round(statSync(PROGRAM).size / 1024 ** 2)} MiB)`)

/** Bundles into one CommonJS file, because an executable cannot load other files. */
async function bundleScript() {
  const build = await rolldown({ ...bundle, input: 'src/binary.ts' })
  await build.write({ file: SCRIPT, format: 'cjs', codeSplitting: false, minify: true })
  await build.close()
}

/** Creates the script with its compiled code, for the version of Node that runs this. */
function makeBlob() {
  const config = { main: SCRIPT, output: BLOB, useCodeCache: true, disableExperimentalSEAWarning: true }
  writeFileSync(CONFIG, JSON.stringify(config))
  execFileSync(process.execPath, ['--experimental-sea-config', CONFIG], { stdio: 'pipe' })
}

/** Collects the licenses of the packages in the bundle, and Node's own. */
function licenses() {
  const [packages, node] = [join(ROOT, 'packages/cli', NOTICES_FILE), join(dirname(process.execPath), '../LICENSE')]
  return `${readFileSync(packages, 'utf8')}\n\nNode ${process.version}\n\n${readFileSync(node, 'utf8')}`
}

/** Runs in a separate process, because it prints a harmless warning for each section without a name. */
function putBlobIn() {
  const program = fileURLToPath(import.meta.resolve('postject/dist/cli.js'))
  execFileSync(process.execPath, [program, PARTIAL, 'NODE_SEA_BLOB', BLOB, '--sentinel-fuse', FUSE], { stdio: 'pipe' })
}

/** Removes the symbols if `strip` is installed. */
function copyNode() {
  copyFileSync(process.execPath, PARTIAL)
  chmodSync(PARTIAL, 0o755)
  try {
    execFileSync('strip', [PARTIAL], { stdio: 'ignore' })
  } catch {
    console.warn('strip (Debian: binutils) is not installed: the file is larger than it needs to be')
  }
}
