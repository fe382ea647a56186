// docs/cli.md shows what the program really prints: documents of this shape, and every exit code.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { EXIT } from '../src/exit-codes.ts'
import { runCli } from './support/run-cli.ts'
import { startSurroundings } from './support/surroundings.ts'

const PAGE = readFileSync(resolve(import.meta.dirname, '../../../docs/cli.md'), 'utf8')

const { vendor, cluster } = await startSurroundings()

function shown(name: string): unknown {
  const [, text = ''] = new RegExp(`<!-- json ${name} -->\n\`\`\`json\n([\\s\\S]*?)\n\`\`\``).exec(PAGE) ?? []
  return JSON.parse(text)
}

/** Returns the keys with the types of their values. Of a list, only the first entry counts. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf)
  if (typeof value !== 'object' || value === null) return typeof value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)]))
}

/** Checks that everything on the page exists, and that the page shows all top-level keys. */
function expectShape(real: unknown, example: unknown): void {
  expect(shapeOf(real)).toMatchObject(shapeOf(example) as object)
  expect(Object.keys(real as object).sort()).toEqual(Object.keys(example as object).sort())
}

describe('docs/cli.md', () => {
  const manifest = (memory = '1 GiB', more = 'old: { network: { bridge: vmbr0 } }') => `project: lab
images: { fast: { url: ${vendor.url}/fast.qcow2, checksum: ${vendor.url}/SHA256SUMS } }
defaults: { image: fast, node: pve1, storage: { images: local, disks: local } }
vms:
  web:
    network: { bridge: vmbr0 }
    memory: ${memory}
    tags: [prod]
    cloudInit: { user: ops, password: correct-horse, ip: 10.0.0.5/24, gateway: 10.0.0.1, dns: { servers: [10.0.0.1] } }
  ${more}
`

  it.each([
    ['validate', ['validate'], 0],
    ['error', ['plan', '--only', 'nobody'], 64],
    ['doctor', ['doctor'], 0],
    ['apply', ['apply', '--auto-approve'], 0],
    ['list', ['list', '--only', 'web'], 0],
    ['images list', ['images', 'list'], 0],
  ])('shows what %s prints with --json', async (name, args, code) => {
    const { exitCode, stdout } = await cluster.cli([...args, '--json'], { manifest: manifest() })
    expect(exitCode).toBe(code)
    expectShape(JSON.parse(stdout), shown(name))
  })

  it('shows what plan prints with --json', async () => {
    await cluster.cli(['apply', '--auto-approve', '--json'], { manifest: manifest() })
    const { exitCode, stdout } = await cluster.cli(['plan', '--json'], { manifest: manifest('2 GiB', '') })
    expect(exitCode).toBe(0)
    const real = JSON.parse(stdout)
    expectShape({ ...real, steps: real.steps.filter(({ kind }: { kind: string }) => kind === 'update') }, shown('plan'))
  })

  it('has a section for each command', async () => {
    const { stdout } = await runCli(['--help'])
    const [, listed = ''] = /^Commands:\n([\s\S]*?)\n\n/m.exec(stdout) ?? []
    const commands = [...listed.matchAll(/^ {2}([a-z]+)/gm)].map(([, name]) => name).filter((name) => name !== 'help')
    expect(commands).toContain('adopt')
    expect([...PAGE.matchAll(/^### ([a-z]+)$/gm)].map(([, name]) => name)).toEqual(expect.arrayContaining(commands))
  })

  it('lists every exit code, and no other', () => {
    const [, section = ''] = /## Exit codes\n([\s\S]*?)\n\n`plan`/.exec(PAGE) ?? []
    const listed = [...section.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code))
    expect(listed).toEqual(Object.values(EXIT))
  })
})
