// Tests completion in the real shells that are installed. bash always is.
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCli } from './support/run-cli.ts'

const PROGRAM = fileURLToPath(new URL('../dist/main.js', import.meta.url))

const isInstalled = async (shell: string) =>
  (await execa('sh', ['-c', `command -v ${shell}`], { reject: false })).exitCode === 0

/** Asks each shell what it would offer at the end of a line. Returns one word on each line. */
const ASK: Readonly<Record<string, (line: string, script: string) => Promise<readonly string[]>>> = {
  async bash(line, script) {
    const words = line.split(' ').map((word) => `'${word}'`)
    const ask = `COMP_WORDS=(${words.join(' ')}); COMP_CWORD=${words.length - 1}; _pve_provision; printf '%s\\n' "\${COMPREPLY[@]}"`
    return linesOf(await execa('bash', ['-c', `${script}\n${ask}`], { cwd: folder, env }))
  },
  async zsh(line, script) {
    // Stubs for the functions of the completion system, which then filters by the last word.
    const words = line.split(' ').map((word) => `'${word}'`)
    const stubs = `compdef() { : }; compadd() { shift; print -rl -- "$@" }; _describe() { print -rl -- \${\${(P)@[-1]}%%:*} }; _files() { print -rl -- * }`
    const ask = `words=(${words.join(' ')}); CURRENT=${words.length}; _pve_provision`
    const offered = linesOf(await execa('zsh', ['-f', '-c', `${stubs}\n${script}\n${ask}`], { cwd: folder, env }))
    return offered.filter((word) => word.startsWith(line.slice(line.lastIndexOf(' ') + 1)))
  },
  async fish(line, script) {
    const ask = `${script}\ncomplete -C '${line}'`
    const offered = linesOf(await execa('fish', ['--no-config', '-c', ask], { cwd: folder, env }))
    return offered.map((found) => found.split('\t')[0] ?? '')
  },
}

function linesOf({ stdout }: { readonly stdout: string }): readonly string[] {
  return stdout.split('\n').filter((line) => line !== '')
}

let folder: string
let env: Record<string, string>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'completion-'))
  const bin = join(folder, 'bin')
  await mkdir(bin)
  await writeFile(join(bin, 'pve-provision'), `#!/bin/sh\nexec '${process.execPath}' '${PROGRAM}' "$@"\n`)
  await chmod(join(bin, 'pve-provision'), 0o755)
  env = { PATH: `${bin}:${process.env.PATH}` }
  const manifest = (vms: string) =>
    `project: lab
images: { a: { url: https://example.org/a.qcow2, checksum: https://example.org/SUMS } }
defaults: { node: pve1, storage: { images: local, disks: local } }
vms: ${vms}
`
  await writeFile(join(folder, 'pve-provision.yaml'), manifest('{ web: { image: a }, worker: { image: a, count: 2 } }'))
  await writeFile(join(folder, 'other.yaml'), manifest('{ other: { image: a } }'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe.each(['bash', 'zsh', 'fish'])('completion in %s', (shell) => {
  let script: string
  /** The system may have none of these shells except bash. */
  let isThere: boolean
  beforeAll(async () => {
    script = (await runCli(['completion', shell])).stdout
    isThere = await isInstalled(shell)
  })

  it('prints a script that names every command', () => {
    for (const word of ['apply', 'destroy', 'doctor', 'images', 'store-days']) expect(script).toContain(word)
  })

  it('prints a script that the shell can parse', async ({ skip }) => {
    skip(!isThere, `${shell} is not installed`)
    skip(shell === 'fish', 'fish cannot read a script from a socket; the tests below run the script')
    await execa(shell, ['-n'], { input: script })
  })

  it.for<readonly [string, readonly string[]]>([
    ['pve-provision im', ['images']],
    ['pve-provision images p', ['prune']],
    ['pve-provision images prune --s', ['--store-days']],
    ['pve-provision plan --on', ['--only']],
    ['pve-provision completion z', ['zsh']],
    ['pve-provision plan --only w', ['web', 'worker', 'worker-1', 'worker-2']],
    ['pve-provision apply --replace web worker-', ['worker-1', 'worker-2']],
    ['pve-provision plan --file other.yaml --only ', ['other']],
    ['pve-provision plan --only web --upd', ['--update-images']],
    ['pve-provision plan --file other', ['other.yaml']],
    ['pve-provision list --format ', ['ansible', 'hosts', 'json', 'ssh', 'table']],
    ['pve-provision list --format s', ['ssh']],
    ['pve-provision list --format ssh --on', ['--only']],
    ['pve-provision apply oth', ['other.yaml']],
    ['pve-provision apply --keep', ['--keep-failed']],
    ['pve-provision adopt w', ['web', 'worker', 'worker-1', 'worker-2']],
    ['pve-provision adopt --fr', ['--from-others']],
  ])('completes `%s`', async ([line, words], { skip }) => {
    skip(!isThere, `${shell} is not installed`)
    expect([...((await ASK[shell]?.(line, script)) ?? [])].sort()).toEqual(words)
  })

  it('tells what each option does', ({ skip }) => {
    skip(shell === 'bash', 'bash shows no descriptions')
    expect(script).toMatch(/(--|-l )?detailed-exitcode[: ].*exit 2 if anything differs/)
  })

  it('offers no names, and prints no error, where the manifest is wrong', async ({ skip }) => {
    skip(!isThere, `${shell} is not installed`)
    expect(await ASK[shell]?.('pve-provision plan --file nowhere.yaml --only ', script)).toEqual([])
  })
})

describe('completion in zsh, as a file of fpath', () => {
  it('works with the first Tab of a shell', async ({ skip }) => {
    skip(!(await isInstalled('zsh')), 'zsh is not installed')
    const functions = join(folder, 'functions')
    await mkdir(functions)
    await writeFile(join(functions, '_pve-provision'), (await runCli(['completion', 'zsh'])).stdout)
    const stubs = `compdef() { : }; _describe() { print -rl -- \${\${(P)@[-1]}%%:*} }`
    const ask = `fpath=(${functions} $fpath); autoload -U _pve-provision; words=(pve-provision ''); CURRENT=2; _pve-provision`
    const { stdout } = await execa('zsh', ['-f', '-c', `${stubs}; ${ask}`], { cwd: folder, env })
    expect(stdout.split('\n')).toContain('apply')
  })
})

describe('completion for a shell that it does not know', () => {
  it('lists the shells that it knows', async () => {
    const { exitCode, stdout, stderr } = await runCli(['completion', 'tcsh'])
    expect([exitCode, stdout, stderr]).toEqual([64, '', expect.stringContaining('bash, zsh, fish')])
  })
})
