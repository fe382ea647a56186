// What a run loads. Each module that it does not need makes every run slower, so what only some runs need stays in files of
// its own.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { CliResult } from './support/run-cli.ts'
import { startSurroundings } from './support/surroundings.ts'

const { vendor, cluster } = await startSurroundings()
const sums = await (await fetch(`${vendor.url}/SHA256SUMS`)).text()
const [, digest] = /^([0-9a-f]{64}) \*fast\.qcow2$/m.exec(sums) ?? []

const manifest = () => `project: lab
images:
  fast: { url: ${vendor.url}/fast.qcow2, checksum: 'sha256:${digest}' }
defaults: { image: fast, node: pve1, storage: { images: local, disks: local }, network: { bridge: vmbr0 } }
vms: { web: { start: false } }
`

interface Loaded {
  /** The files of the program. */
  readonly files: readonly string[]
  /** The public modules of Node. */
  readonly builtins: readonly string[]
}

/** Runs inside the program: notes each file that is loaded, and writes the list when the program ends. */
const SPY = `
import { writeFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
const urls = []
registerHooks({ load: (url, context, next) => (urls.push(url), next(url, context)) })
const builtins = () => process.moduleLoadList.flatMap((entry) => /^NativeModule (?!internal)(.+)/.exec(entry)?.[1] ?? [])
const before = new Set(builtins())
process.on('exit', () =>
  writeFileSync(process.env.LOADED, JSON.stringify({ urls, builtins: builtins().filter((name) => !before.has(name)) })))
`

async function loadedBy(args: readonly string[]): Promise<Loaded & CliResult> {
  const list = join(cluster.folder, 'loaded.json')
  const result = await cluster.cli(args, {
    manifest: manifest(),
    environment: { LOADED: list, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(SPY)}` },
  })
  const { urls, builtins } = JSON.parse(readFileSync(list, 'utf8')) as { urls: string[]; builtins: string[] }
  const files = urls.filter((url) => url.startsWith('file:')).map((url) => url.slice(url.lastIndexOf('/') + 1))
  return { ...result, files, builtins }
}

const START = ['main.js', 'version.js', 'cli.js', 'shared.js', 'rolldown-runtime.js']

/** Modules of Node that only some runs need. */
const UNUSED = ['worker_threads', 'readline/promises', 'zlib', 'stream/web', 'internal/deps/undici/undici']

describe('what is loaded', () => {
  it('is the entry file alone for the version', async () => {
    expect((await loadedBy(['--version'])).files.toSorted()).toEqual(['main.js', 'version.js'])
  })

  it.each(['plan', 'apply', 'init', 'doctor', 'completion', 'list'])(
    'is no command for the help of %s',
    async (name) => {
      const { files, exitCode } = await loadedBy([name, '--help'])
      expect(exitCode).toBe(0)
      expect(files.toSorted()).toEqual(START.toSorted())
    },
  )

  it('is what creates machines, for a run that creates some', async () => {
    const { files, exitCode, stderr } = await loadedBy(['apply', '--auto-approve'])
    expect(exitCode, stderr).toBe(0)
    expect(files).toEqual(expect.arrayContaining([...START, 'apply.js', 'http-client.js', 'run-step.js']))
  })

  it.each([
    { name: 'plan', args: ['plan'] },
    { name: 'apply', args: ['apply', '--auto-approve'] },
  ])('is nothing beside the command for $name with nothing to do', async ({ name, args }) => {
    const { files, builtins, stdout, stderr } = await loadedBy(args)
    expect(`${stdout}${stderr}`).toContain('Nothing to do')
    expect(files.toSorted()).toEqual([...START, `${name}.js`].toSorted())
    expect(builtins.filter((builtin) => UNUSED.includes(builtin))).toEqual([])
  })
})
