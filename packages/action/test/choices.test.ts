// Tests inputs that select what an apply does and how, each in a run of the bundle.
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { callOf, manifest, type Surroundings, surroundings, writeManifest } from './support/given.ts'
import { type ActionCall, type ActionRun, newJob, runAction } from './support/runner.ts'

let around: Surroundings
beforeAll(async () => {
  around = await surroundings({ nodes: ['pve1', 'pve2'] })
})
beforeEach(() => around.simulator.faults.clear())
afterAll(() => around.close())

type Inputs = Readonly<Record<string, string>>

function run(text: string, inputs: Inputs = {}, rest: Partial<Omit<ActionCall, 'job'>> = {}): Promise<ActionRun> {
  const job = newJob()
  writeManifest(job, text)
  return runAction(callOf(around, job, { ...rest, inputs: { cache: 'false', ...inputs } }))
}

const statuses = ({ outputs }: ActionRun) =>
  (JSON.parse(outputs.vms ?? '') as { name: string; status: string }[]).map(({ name, status }) => `${name} ${status}`)

describe('of the machines', () => {
  it('`only`, `replace` and `prune` take those that they name', async () => {
    const more = ['  old: { image: debian }']
    const all = manifest(around.vendor, { project: 'chosen', count: 2, more })
    const fewer = manifest(around.vendor, { project: 'chosen', count: 2 })
    expect(statuses(await run(all, { only: 'web-1 old' }))).toEqual(['web-1 created', 'old created'])
    expect(statuses(await run(fewer, { mode: 'plan', prune: 'true' }))).toEqual([
      'web-1 keep',
      'web-2 create',
      'old remove',
    ])
    expect(statuses(await run(fewer, { prune: 'true', replace: 'web-1' }))).toEqual([
      'web-1 replaced',
      'web-2 created',
      'old destroyed',
    ])
    const unknown = await run(fewer, { only: 'wbe-1' })
    expect(unknown.exitCode).toBe(1)
    expect(unknown.log).toContain('web-1')
  })

  it('`restart` restarts what waits for it, `move` moves what is elsewhere, one at a time with `batch`', async () => {
    const machine = ['start: true', 'memory: 512 MiB']
    const text = manifest(around.vendor, { project: 'moved', count: 2, machine })
    expect((await run(text)).exitCode).toBe(0)
    const larger = text.replace('memory: 512 MiB', 'memory: 768 MiB')
    expect((await run(larger)).exitCode).toBe(0)
    expect((await run(larger, { mode: 'plan', restart: 'true' })).log).toContain('restart:web-1')
    const restarted = await run(larger, { restart: 'true', batch: '1' })
    expect([restarted.exitCode, statuses(restarted)]).toEqual([0, ['web-1 updated', 'web-2 updated']])
    expect((await run(larger, { mode: 'plan' })).outputs.changed).toBe('false')
    const elsewhere = larger.replace('nodes: [pve1]', 'nodes: [pve2]')
    expect(statuses(await run(elsewhere, { mode: 'plan', move: 'true' }))).toEqual(['web-1 move', 'web-2 move'])
    expect((await run(elsewhere, { mode: 'plan', 'replace-outdated': 'true' })).outputs.changed).toBe('false')
  })
})

describe('of the run', () => {
  it('`stop-on-error` begins nothing after the first failure, within the `limits`', async () => {
    const text = manifest(around.vendor, { project: 'stopped', count: 4 })
    const reason = 'no more today'
    around.simulator.faults.add({ action: 'fail', method: 'POST', path: '/nodes/*/qemu/*/clone', status: 400, reason })
    const inputs = { limits: 'perStorage: 1\nperTemplate: 1\nperNode: 1', 'stop-on-error': 'true' }
    const outcome = await run(text, inputs)
    expect(outcome.exitCode).toBe(1)
    const names = statuses(outcome)
    expect(names.filter((name) => name.endsWith('failed'))).toHaveLength(1)
    expect(names.filter((name) => name.endsWith('cancelled'))).toHaveLength(3)
  })

  it('`refresh` and `facts-max-age: 0` ask the cluster again', async () => {
    const text = manifest(around.vendor, { project: 'fresh', count: 1 })
    const given = { mode: 'plan', cache: 'true', 'cache-key-prefix': 'fresh' }
    await run(text, given)
    expect((await run(text, given)).outputs['facts-cache-hit']).toBe('true')
    expect((await run(text, { ...given, refresh: 'true' })).outputs['facts-cache-hit']).toBe('false')
    expect((await run(text, { ...given, 'facts-max-age': '0' })).outputs['facts-cache-hit']).toBe('false')
  })

  it('`working-directory`, `manifest`, `lock-file` and `cache-directory` say where files are', async () => {
    const job = newJob()
    mkdirSync(join(job.workspace, 'infra'))
    writeManifest(
      job,
      manifest(around.vendor, { project: 'placed', count: 1, image: ['format: raw', 'convert: runner'] }),
      'infra/site.yaml',
    )
    const places = { 'working-directory': 'infra', manifest: 'site.yaml', 'lock-file': 'locks/site.lock' }
    mkdirSync(join(job.workspace, 'infra/locks'))
    const inputs = { cache: 'false', ...places, 'cache-directory': 'kept' }
    const pinned = await runAction(callOf(around, job, { inputs: { ...inputs, mode: 'pin' } }))
    expect(pinned.exitCode).toBe(0)
    expect(readFileSync(join(job.workspace, 'infra/locks/site.lock'), 'utf8')).toContain(around.vendor.digest)
    const made = await runAction(callOf(around, job, { inputs }))
    expect(made.exitCode).toBe(0)
    expect(existsSync(join(job.workspace, 'infra/kept'))).toBe(true)
  })

  it('`ca` in place of `fingerprint` trusts this certificate, and without either it trusts none', async () => {
    const text = manifest(around.vendor, { project: 'trusted', count: 1 })
    const inputs = { mode: 'plan', fingerprint: '' }
    expect((await run(text, { ...inputs, ca: await certificate(around.simulator.endpoint) })).exitCode).toBe(0)
    const untrusted = await run(text, inputs)
    expect(untrusted.exitCode).toBe(1)
    expect(untrusted.log).toContain('certificate')
  })
})

/** Returns the certificate that the endpoint shows, as PEM. */
function certificate(endpoint: string): Promise<string> {
  const { hostname, port } = new URL(endpoint)
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false }, () => {
      const { raw } = socket.getPeerCertificate()
      socket.destroy()
      resolve(`-----BEGIN CERTIFICATE-----\n${raw.toString('base64')}\n-----END CERTIFICATE-----\n`)
    }).once('error', reject)
  })
}
