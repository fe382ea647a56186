import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { callOf, manifest, type Surroundings, surroundings, writeManifest } from './support/given.ts'
import { type ActionCall, type ActionRun, newJob, runAction } from './support/runner.ts'

let around: Surroundings
beforeAll(async () => {
  around = await surroundings()
})
beforeEach(() => around.simulator.faults.clear())
afterAll(() => around.close())

async function run(text: string | undefined, rest: Partial<Omit<ActionCall, 'job'>> = {}): Promise<ActionRun> {
  const job = newJob()
  if (text !== undefined) writeManifest(job, text)
  return runAction(callOf(around, job, rest))
}

const errors = ({ commands }: ActionRun) => commands.filter(({ name }) => name === 'error')

describe('invalid inputs', () => {
  it('are reported all at once, with a failed step and no request to Proxmox', async () => {
    const before = around.simulator.requests.total
    const outcome = await run(manifest(around.vendor), { inputs: { endpoint: '', 'token-secret': '', mode: 'make' } })
    expect(outcome.exitCode).toBe(1)
    expect(errors(outcome)).toHaveLength(1)
    expect(errors(outcome)[0]?.text).toContain('3 inputs are wrong')
    expect(outcome.summary).toContain('3 inputs are wrong:** (`USAGE`)\n\n- `mode` must be one of')
    expect(outcome.outputs).toMatchObject({ changed: 'false', vms: '[]' })
    expect(around.simulator.requests.total).toBe(before)
  })

  it('with a wrong secret are an error of authentication that does not show it', async () => {
    const secret = '00000000-dead-beef-0000-000000000000'
    const outcome = await run(manifest(around.vendor), { inputs: { 'token-secret': secret } })
    expect(outcome.exitCode).toBe(1)
    expect(errors(outcome)[0]?.properties.title).toBe('Proxmox does not accept the token')
    expect(outcome.everything).not.toContain(secret)
    expect(outcome.summary).toContain('❌')
  })

  it('with another fingerprint are an error that shows the actual one', async () => {
    const outcome = await run(manifest(around.vendor), { inputs: { fingerprint: 'AA'.repeat(32) } })
    expect(outcome.exitCode).toBe(1)
    expect(errors(outcome)[0]?.text).toContain(around.simulator.fingerprint)
    expect(errors(outcome)[0]?.text).toContain('(PVE_FINGERPRINT is the input `fingerprint`.)')
    expect(outcome.summary).toContain('is the input `fingerprint`')
  })
})

describe('text from Proxmox', () => {
  it('starts no workflow command, whatever its line endings', async () => {
    const reason = 'boom\r::set-output name=vms::[pwned]\r::stop-commands::tok\u0085::add-matcher::x.json'
    around.simulator.faults.add({
      action: 'fail-task',
      method: 'POST',
      path: '/nodes/*/qemu/*/clone',
      count: 9,
      reason,
    })
    const outcome = await run(manifest(around.vendor, { project: 'commands' }), { inputs: { cache: 'false' } })
    expect(outcome.exitCode).toBe(1)
    expect(outcome.log).toContain('boom')
    const names = new Set(outcome.commands.map(({ name }) => name))
    expect([...names].filter((name) => ['set-output', 'stop-commands', 'add-matcher'].includes(name))).toEqual([])
  })
})

describe('invalid manifests', () => {
  it('are annotated at each line with an error', async () => {
    const text = manifest(around.vendor, { machine: ['cores: many', 'memry: 2 GiB'] })
    const outcome = await run(text)
    expect(outcome.exitCode).toBe(1)
    const places = errors(outcome).map(({ properties }) => `${properties.file}:${properties.line}`)
    const lineOf = (part: string) => text.split('\n').findIndex((line) => line.includes(part)) + 1
    expect(places).toEqual([`pve-provision.yaml:${lineOf('cores')}`, `pve-provision.yaml:${lineOf('memry')}`])
    expect(outcome.summary).toMatch(/^- pve-provision\.yaml:\d+:5: `vms\.web` has no key `memry`/m)
    expect(outcome.summary).toContain('## ❌ pve-provision.yaml: apply')
    expect(outcome.outputs).toMatchObject({ changed: 'false', vms: '[]' })
  })

  it('that are missing are reported with a hint', async () => {
    const outcome = await run(undefined)
    expect(outcome.exitCode).toBe(1)
    expect(errors(outcome)[0]?.text).toContain('pve-provision.yaml does not exist')
    expect(errors(outcome)[0]?.text).toContain('actions/checkout')
  })

  it('outside the workspace are used, and their errors are reported without a position, which GitHub cannot show', async () => {
    const job = newJob()
    const folder = join(job.directory, 'elsewhere')
    mkdirSync(folder)
    writeFileSync(
      join(folder, 'key.pub'),
      'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJKlmnopqrstuvwxyz0123456789abcdefghijklmnop ops@desk\n',
    )
    const good = manifest(around.vendor, {
      project: 'elsewhere',
      count: 1,
      machine: ['cloudInit: { sshKeys: [{ file: key.pub }] }'],
    })
    const path = join(folder, 'm.yaml')
    writeFileSync(path, good)
    const inputs = { manifest: path, mode: 'plan' }
    const fine = await runAction(callOf(around, job, { inputs }))
    expect(fine.log).toContain('create:web')
    expect(fine.exitCode).toBe(0)

    writeFileSync(path, good.replace('count: 1', 'count: x'))
    const wrong = await runAction(callOf(around, job, { inputs }))
    expect(wrong.exitCode).toBe(1)
    expect(errors(wrong)[0]?.properties).not.toHaveProperty('file')
    expect(wrong.summary).toContain(path)
  })

  it.each(['pve-provision.yaml', 'pve-provision.lock'])(
    'or their lock file, %s, are not read through a link out of the workspace, nor from a pipe',
    async (name) => {
      const read = async (make: (path: string) => void) => {
        const job = newJob()
        const path = join(job.workspace, name)
        writeManifest(job, manifest(around.vendor))
        rmSync(path, { force: true })
        make(path)
        return runAction(callOf(around, job, { inputs: { mode: 'validate' } }))
      }
      const outside = join(newJob().home, 'id')
      writeFileSync(outside, 'a-line-of-a-key: 1\n- broken')
      const linked = await read((path) => symlinkSync(outside, path))
      expect(linked.exitCode).toBe(1)
      expect(errors(linked)[0]?.text).toContain(`${name} is outside`)
      expect(linked.everything).not.toContain('broken')
      const piped = await read((path) => execFileSync('mkfifo', [path]))
      expect(errors(piped)[0]?.text).toContain(`${name} is not a regular file`)
    },
  )

  it('with an image file outside the workspace are reported at its line', async () => {
    const text = manifest(around.vendor).replace(/ {4}url: .*\n {4}checksum: .*\n/, '    file: /etc/hostname\n')
    const outcome = await run(text, { inputs: { mode: 'plan' } })
    expect(errors(outcome)[0]?.text).toContain('The file /etc/hostname is outside')
    expect(errors(outcome)[0]?.properties).toMatchObject({ file: 'pve-provision.yaml', line: '4' })
  })

  it('cannot read the inputs of the action, nor the tokens of the runner', async () => {
    const lines = [
      'tags: ["${env:ACTIONS_RUNTIME_TOKEN}", "${env:GITHUB_TOKEN}"]',
      'cloudInit: { password: "${secret:PVE_TOKEN_SECRET}" }',
    ]
    const outcome = await run(manifest(around.vendor, { machine: lines }), { env: { GITHUB_TOKEN: 'ghs_token' } })
    expect(outcome.exitCode).toBe(1)
    expect(errors(outcome).map(({ text }) => text)).toEqual([
      expect.stringContaining('`ACTIONS_RUNTIME_TOKEN` belongs to the connection or the runner'),
      expect.stringContaining('`GITHUB_TOKEN` belongs to the connection or the runner'),
      expect.stringContaining('`PVE_TOKEN_SECRET` belongs to the connection or the runner'),
    ])
  })
})

describe('steps that fail', () => {
  it('are annotated at their machine, come first in the summary, fail the step, and the facts are saved', async () => {
    const before = (await around.cacheService.state()).entries.length
    around.simulator.faults.add({
      action: 'fail',
      method: 'POST',
      path: '/nodes/*/qemu/*/clone',
      count: 20,
      status: 500,
      reason: 'disk of the node is gone',
    })
    const text = manifest(around.vendor, { project: 'failing', count: 2, machine: ['start: true'] })
    // A separate key prefix, so that there are new facts to save.
    const outcome = await run(text, { inputs: { 'cache-key-prefix': 'failing' } })
    expect(outcome.exitCode).toBe(1)
    const [error] = errors(outcome)
    expect(error?.text).toContain('disk of the node is gone')
    expect(error?.properties).toMatchObject({ title: 'create:web-1 failed', file: 'pve-provision.yaml' })
    expect(error?.properties.line).toBe(String(text.split('\n').indexOf('  web:') + 1))
    expect(outcome.summary.indexOf('### 2 failures')).toBeLessThan(outcome.summary.indexOf('### Machines'))
    expect(outcome.summary).toContain('This blocked 2 steps: `start:web-1` `start:web-2`')
    // Both machines fail in the same way, so it is shown once.
    expect(errors(outcome)).toHaveLength(1)
    expect(error?.text).toContain('\nAlso: create:web-2.')
    expect(outcome.summary.match(/disk of the node is gone/g)).toHaveLength(1)
    expect(JSON.parse(readFileSync(outcome.outputs.report ?? '', 'utf8'))).toMatchObject({ ok: false })
    expect((await around.cacheService.state()).entries).toHaveLength(before + 1)

    around.simulator.faults.clear()
    const mended = await run(text)
    expect(mended.exitCode).toBe(0)
    expect(JSON.parse(mended.outputs.vms ?? '').map(({ status }: { status: string }) => status)).toEqual([
      'created',
      'created',
    ])
  })

  it('that are known to be impossible also fail a plan', async () => {
    const text = manifest(around.vendor, { project: 'impossible' }).replace('/SHA256SUMS', '/missing')
    const outcome = await run(text, { inputs: { mode: 'plan' } })
    expect(outcome.exitCode).toBe(1)
    expect(errors(outcome).length).toBeGreaterThan(0)
    expect(outcome.summary).toContain('❌')
  })

  it('for several machines are annotated once in a plan, at their key of the manifest', async () => {
    const text = manifest(around.vendor, { project: 'bridges', count: 4 }).replace('bridge: vmbr0', 'bridge: vmbr7')
    const outcome = await run(text, { inputs: { mode: 'plan' } })
    expect(outcome.exitCode).toBe(1)
    expect(errors(outcome)).toEqual([
      expect.objectContaining({
        text: 'There is no bridge vmbr7 on pve1. It blocks web-1…4.\nBridges on pve1 are vmbr0.',
        properties: expect.objectContaining({
          title: 'An apply would fail',
          file: 'pve-provision.yaml',
          line: String(text.split('\n').findIndex((line) => line.includes('vmbr7')) + 1),
        }),
      }),
    ])
    expect(outcome.summary.match(/There is no bridge/g)).toHaveLength(1)
    expect(outcome.summary).not.toContain('What would be done')
  })
})

describe('a summary', () => {
  it('of thousands of machines stays under the 1 MiB that GitHub takes', async () => {
    const text = manifest(around.vendor, {
      project: 'many',
      count: 1000,
      more: ['  db: { image: debian, count: 1000 }', '  job: { image: debian, count: 1000 }'],
    })
    const outcome = await run(text, { inputs: { mode: 'plan', cache: 'false' } })
    expect(outcome.exitCode).toBe(0)
    expect(Buffer.byteLength(outcome.summary)).toBeLessThan(1024 * 1024)
    expect(outcome.summary).toContain('`web-1…1000` `db-1…1000` `job-1…1000`')
    expect(JSON.parse(outcome.outputs.plan ?? '')).toMatchObject({ truncated: true })
    expect(Number(outcome.outputs.changes)).toBeGreaterThan(3000)
  })

  it('is written only to its file when it is turned off for the page', async () => {
    const outcome = await run(manifest(around.vendor), { inputs: { mode: 'plan', summary: 'false' } })
    expect(outcome.summary).toBe('')
    expect(readFileSync(outcome.outputs.summary ?? '', 'utf8')).toContain('What would be done')
    const wrong = await run(manifest(around.vendor), { inputs: { mode: 'make', summary: 'False' } })
    expect([wrong.exitCode, wrong.summary]).toEqual([1, ''])
    expect(readFileSync(wrong.outputs.summary ?? '', 'utf8')).toContain('`mode` must be one of')
  })
})
