// Makes one executable of the command line with Node inside, for the system it runs on: npm run binary -- [FOLDER]
// https://nodejs.org/docs/latest-v24.x/api/single-executable-applications.html
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

// Where Node looks whether a blob was put in; it is the same for all versions of Node.
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'

for (const folder of [FOLDER, OUTPUT]) mkdirSync(folder, { recursive: true })
await bundleScript()
makeBlob()
copyNode()
putBlobIn()
renameSync(PARTIAL, PROGRAM)
writeFileSync(`${PROGRAM}.licenses.txt`, licenses())
console.log(`${PROGRAM} (${Math.round(statSync(PROGRAM).size / 1024 ** 2)} MiB)`)

/** One CommonJS file: an executable has no folder to load chunks from. */
async function bundleScript() {
  const build = await rolldown({ ...bundle, input: 'src/binary.ts' })
  await build.write({ file: SCRIPT, format: 'cjs', codeSplitting: false, minify: true })
  await build.close()
}

/** The script with its compiled code, as the Node that runs this reads it. */
function makeBlob() {
  const config = { main: SCRIPT, output: BLOB, useCodeCache: true, disableExperimentalSEAWarning: true }
  writeFileSync(CONFIG, JSON.stringify(config))
  execFileSync(process.execPath, ['--experimental-sea-config', CONFIG], { stdio: 'pipe' })
}

/** Those of the packages in the bundle, and Node's with those of all that is in Node. */
function licenses() {
  const [packages, node] = [join(ROOT, 'packages/cli', NOTICES_FILE), join(dirname(process.execPath), '../LICENSE')]
  return `${readFileSync(packages, 'utf8')}\n\nNode ${process.version}\n\n${readFileSync(node, 'utf8')}`
}

/** In a process of its own: it warns of each section without a name, which harms nothing. */
function putBlobIn() {
  const program = fileURLToPath(import.meta.resolve('postject/dist/cli.js'))
  execFileSync(process.execPath, [program, PARTIAL, 'NODE_SEA_BLOB', BLOB, '--sentinel-fuse', FUSE], { stdio: 'pipe' })
}

/** Without its symbols where `strip` is installed. */
function copyNode() {
  copyFileSync(process.execPath, PARTIAL)
  chmodSync(PARTIAL, 0o755)
  try {
    execFileSync('strip', [PARTIAL], { stdio: 'ignore' })
  } catch {
    console.warn('strip (Debian: binutils) is not installed: the file is larger than it needs to be')
  }
}
