// `validate` and documents for guests: notes, errors with positions, and cloud-init's own schema on request.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { cloudInitVersions } from '../../core/test/support/cloud-init.ts'
import { runCli } from './support/run-cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'validate-'))
afterAll(() => rmSync(folder, { recursive: true }))

function manifest(userData: string): string {
  return manifestOf(`cloudInit: { userData: ${JSON.stringify(userData)} }`)
}

function manifestOf(words: string): string {
  const file = join(folder, 'm.yaml')
  const image = `{ url: "https://vendor.example/a.qcow2", checksum: "sha256:${'a'.repeat(64)}" }`
  writeFileSync(
    file,
    `project: lab\nimages: { a: ${image} }\ndefaults: { image: a, node: pve1, storage: { images: local, disks: local } }\nvms: { web: { ${words} } }\n`,
  )
  return file
}

describe('validate', () => {
  it('reports a document that cloud-init ignores, and accepts it', async () => {
    const { exitCode, stdout } = await runCli(['validate', '-f', manifest('packages: [nginx]\n')])
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/is fine: .*\nNote: .*m\.yaml:4:\d+: Line 1, column 1 of the document: .*cloud-init ignores/)
    const json = await runCli(['validate', '--json', '-f', manifest('packages: [nginx]\n')])
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: true, notes: [expect.stringContaining('cloud-init ignores')] })
  })

  it('refuses a cloud-config that is invalid YAML, with its position', async () => {
    const { exitCode, stderr } = await runCli(['validate', '-f', manifest('#cloud-config\na: [\n')])
    expect(exitCode).toBe(64)
    expect(stderr).toMatch(/m\.yaml:4:\d+: Line \d, column \d+ of the document: This is not valid YAML/)
  })

  it('refuses what every plan would refuse: a wait for a machine that is not started', async () => {
    const { exitCode, stderr } = await runCli(['validate', '-f', manifestOf('wait: agent')])
    expect(exitCode).toBe(64)
    expect(stderr).toMatch(
      /m\.yaml has 1 error:\n.*m\.yaml:4:\d+: web has `wait` but not `start: true`, so there is nothing to wait for\. Set/,
    )
    const meant = await runCli(['validate', '-f', manifestOf('wait: agent, start: false')])
    expect(meant.exitCode).toBe(0)
  })

  it('reports an empty standard input', async () => {
    const { exitCode, stderr } = await runCli(['validate', '-f', '-'])
    expect(exitCode).toBe(64)
    expect(stderr).toContain('<stdin>:1:1: The file is empty. A manifest must be a mapping')
  })
})

const [version] = cloudInitVersions().filter(({ path }) => path !== '')
const reason = version === undefined ? " (skipped: cloud-init's Python is not here)" : ''

describe.skipIf(version === undefined)(`validate --cloud-init-schema${reason}`, () => {
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  const script = '#!/bin/sh\nexec /usr/bin/python3 -m cloudinit.cmd.main "$@"\n'
  writeFileSync(join(bin, 'cloud-init'), script)
  chmodSync(join(bin, 'cloud-init'), 0o755)
  const env = { PATH: [bin, process.env.PATH].join(delimiter), PYTHONPATH: version?.path ?? '' }

  it('accepts what cloud-init accepts', async () => {
    const file = manifest('#cloud-config\npackages: [nginx]\n')
    const { exitCode, stderr } = await runCli(['validate', '--cloud-init-schema', '-f', file], { environment: env })
    expect([exitCode, stderr]).toEqual([0, ''])
  })

  it('reports the errors of cloud-init in a document', async () => {
    const file = manifest('#cloud-config\npackages: 7\n')
    const { exitCode, stderr } = await runCli(['validate', '--cloud-init-schema', '-f', file], { environment: env })
    expect(exitCode).toBe(64)
    expect(stderr).toMatch(/cloud-init refuses a document:\n`vms\.web\.cloudInit\.userData`: [\s\S]*packages/)
  })
})

it('reports that cloud-init is missing where its schema is requested', async () => {
  const path = [dirname(process.execPath), resolve(folder, 'none')].join(delimiter)
  const file = manifest('#cloud-config\npackages: [nginx]\n')
  const { exitCode, stderr } = await runCli(['validate', '--cloud-init-schema', '-f', file], {
    environment: { PATH: path },
  })
  expect(exitCode).toBe(64)
  expect(stderr).toContain('cloud-init, which has the schema, is not installed here')
})
