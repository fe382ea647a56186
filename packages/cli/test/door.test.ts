// Commands without a manifest and a cluster: help, version, the schema, an older Node, and a bug in the program.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { EXIT } from '../src/exit-codes.ts'
import { runCli } from './support/run-cli.ts'

const json = ({ stdout }: { readonly stdout: string }) => JSON.parse(stdout)

describe('help, schema, version', () => {
  it.each(['init', 'validate', 'plan', 'apply', 'destroy', 'pin', 'doctor', 'schema', 'completion', 'images', 'facts'])(
    '%s has help with a description',
    async (command) => {
      const { exitCode, stdout } = await runCli([command, '--help'])
      expect(exitCode).toBe(0)
      expect(stdout).toMatch(new RegExp(`^Usage: pve-provision ${command}`))
    },
  )

  const withExamples = 'init validate plan apply destroy pin doctor schema completion'.split(' ')
  const nested = ['images list', 'images prune', 'facts show', 'facts refresh', 'facts clear']

  it.each([...withExamples, ...nested])('has examples in the help of %s', async (command) => {
    expect((await runCli([...command.split(' '), '--help'])).stdout).toContain('Examples:')
  })

  it('prints the JSON Schema of the manifest', async () => {
    expect(json(await runCli(['schema']))).toMatchObject({
      type: 'object',
      required: expect.arrayContaining(['project', 'vms']),
    })
  })

  it('lists every exit code, and for plan the meaning of each', async () => {
    const { stdout } = await runCli(['--help'])
    for (const code of Object.values(EXIT)) expect(stdout).toMatch(new RegExp(`^  ${code} +\\S`, 'm'))
    expect((await runCli(['plan', '--help'])).stdout).toMatch(/^ {2}77 +apply would be refused/m)
  })

  it('shows options only where they have an effect, and accepts them everywhere', async () => {
    expect((await runCli(['plan', '--help'])).stdout).toContain('--refresh')
    expect((await runCli(['validate', '--help'])).stdout).not.toMatch(/--refresh|--verbose/)
    const { stderr } = await runCli(['validate', '--refresh', '--verbose', '-f', '/nonexistent.yaml'])
    expect(stderr).toContain('/nonexistent.yaml does not exist')
  })

  it('prints its version alone', async () => {
    expect((await runCli(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})

describe('an older Node', () => {
  it('is reported in one sentence', async () => {
    const version = `Object.defineProperty(process.versions, 'node', { value: '20.19.0' })`
    const environment = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(version)}` }
    expect(await runCli(['plan'], { environment })).toMatchObject({
      exitCode: 64,
      stdout: '',
      stderr: 'pve-provision needs Node 22.15 or later; this is 20.19.0.\n',
    })
  })

  it('can load the entry point: it imports nothing that an older Node lacks before it checks the version', () => {
    const door = readFileSync(join(import.meta.dirname, '../dist/main.js'), 'utf8')
    const named = [...door.matchAll(/import\s*\{[^}]*\}\s*from\s*["']([^"']+)/g)].map(([, from]) => from)
    expect(named).toEqual(['./version.js'])
  })
})

describe('bad usage with --json', () => {
  it('is a JSON document as well', async () => {
    const { exitCode, stdout } = await runCli(['plan', '--json', '--nonsense'])
    expect(exitCode).toBe(64)
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: 'USAGE' } })
  })
})

describe('an internal error', () => {
  /** Code that makes the command fail when it prints the schema. */
  const fault = `const { stringify } = JSON
JSON.stringify = (value, ...rest) => {
  if (rest[1] === 2) throw new TypeError(\`odd \${process.env.PVE_TOKEN_SECRET} \${process.env.PVE_ENDPOINT} \${process.env.HOME}\`)
  return stringify(value, ...rest)
}`

  it('is reported with a text to send, without secrets, host names and home folders', async () => {
    const secret = '5093e1f2-851b-4e18-bc0a-dbf286863d74'
    const environment = {
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(fault)}`,
      PVE_TOKEN_SECRET: secret,
      PVE_ENDPOINT: 'https://pve1.example.org:8006',
    }
    const { exitCode, stderr } = await runCli(['schema'], { environment })
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(
      /This is a bug[\s\S]*issues\/new[\s\S]*pve-provision \d[\s\S]*command: schema\n +TypeError: odd/,
    )
    const report = stderr.slice(stderr.indexOf('Please report'))
    expect(report).not.toContain(secret)
    expect(report).not.toContain('example.org')
    expect(report).not.toContain(process.env.HOME)
  })
})
