import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createWorld } from '@pve-provision/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { callOf, filesWith, manifest, type Surroundings, surroundings, writeManifest } from './support/given.ts'
import { type ActionCall, type ActionRun, newJob, runAction } from './support/runner.ts'

let around: Surroundings
beforeAll(async () => {
  around = await surroundings({ nodes: ['pve1'] })
})
beforeEach(() => around.simulator.faults.clear())
afterAll(() => around.close())

type Inputs = Readonly<Record<string, string>>

function run(text: string, inputs: Inputs, rest: Partial<Omit<ActionCall, 'job'>> = {}): Promise<ActionRun> {
  const job = newJob()
  writeManifest(job, text)
  return runAction(callOf(around, job, { ...rest, inputs: { cache: 'false', ...inputs } }))
}

const texts = ({ commands }: ActionRun, kind: 'error' | 'warning') =>
  commands.filter(({ name }) => name === kind).map(({ text }) => text)
const lineOf = (text: string, part: string) => String(text.split('\n').findIndex((line) => line.includes(part)) + 1)
const stepsOf = ({ outputs }: ActionRun) =>
  (JSON.parse(outputs.plan ?? '') as { steps: { id: string; action: string }[] }).steps
    .filter(({ action }) => action === 'run')
    .map(({ id }) => id)

/** A change in Proxmox by another user. */
async function byHand(method: 'POST' | 'PUT', path: string, parameters: object): Promise<unknown> {
  const { endpoint, tokenId, tokenSecret, fingerprint } = around.simulator
  using world = createWorld({
    pve: { endpoints: [new URL(endpoint)], credentials: { tokenId, tokenSecret }, trust: { fingerprint } },
    cacheDirectory: '/nonexistent',
  })
  const answer = await world.pve.request(method, path, { parameters: { ...parameters } })
  if (typeof answer === 'string' && answer.startsWith('UPID:')) await world.pve.waitForTask(answer)
  return answer
}

const repository = (name: string) => ({ repo: { full_name: name } })
const pullRequest = (from: string) => ({
  env: { GITHUB_EVENT_NAME: 'pull_request' },
  event: { pull_request: { head: repository(from), base: repository('org/machines') } },
})
const OWN = pullRequest('org/machines')
const FORK = pullRequest('stranger/machines')
const NOBODY = { endpoint: '', 'token-id': '', 'token-secret': '', fingerprint: '' }

describe('validate', () => {
  const text = () =>
    manifest(around.vendor, { machine: ['cloudInit: { user: ops, password: "${secret:VM_PASSWORD}" }'] })

  it('works for a pull request from a fork, without secrets and without requests', async () => {
    const before = around.simulator.requests.total
    around.vendor.requests()
    const outcome = await run(text(), { ...NOBODY, mode: 'validate' }, FORK)
    expect(outcome.summary).toContain('The manifest is fine: 1 image, 2 machines.')
    expect(outcome.exitCode).toBe(0)
    expect([around.simulator.requests.total - before, around.vendor.requests()]).toEqual([0, []])
  })

  it('fails at the line of an error, and another mode says why there is no secret', async () => {
    const wrong = await run(text().replace('count: 2', 'count: two'), { ...NOBODY, mode: 'validate' }, FORK)
    expect(wrong.exitCode).toBe(1)
    expect(wrong.commands.find(({ name }) => name === 'error')?.properties.file).toBe('pve-provision.yaml')
    const plan = await run(text(), { ...NOBODY, mode: 'plan' }, FORK)
    expect(plan.exitCode).toBe(1)
    expect(texts(plan, 'error')[0]).toMatch(/forks.*Dependabot.*mode: validate/)
  })
})

describe('what a manifest may read', () => {
  const text = () => manifest(around.vendor, { machine: ['tags: ["${env:COLOUR}", "run-${env:GITHUB_RUN_ID}"]'] })
  const colour = { COLOUR: 'blue' }
  const read = (inputs: Inputs, from: Partial<ActionCall>) =>
    run(text(), { mode: 'plan', ...inputs }, { ...from, env: { ...colour, ...from.env } })

  it('is what is listed, in a push and in a pull request, and public values of GitHub', async () => {
    expect((await read({ env: 'COLOUR' }, {})).exitCode).toBe(0)
    expect((await read({ env: 'COLOUR' }, OWN)).exitCode).toBe(0)
    expect((await read({ env: 'COLOUR', mode: 'validate' }, FORK)).exitCode).toBe(0)
  })

  it.each([
    [
      'anything of a push without the input',
      {},
      {},
      'Add this line to the inputs of the action (`with:`): `env: COLOUR`.',
    ],
    ['what a push does not list', { env: 'OTHER' }, {}, '`env: OTHER, COLOUR`.'],
    ['what a pull request does not list', {}, OWN, '`env: COLOUR`.'],
    [
      'anything of a pull request from a fork',
      { env: 'COLOUR' },
      FORK,
      '`mode: validate` reads those in the input `env`',
    ],
  ])('is not %s, and the message says how to allow it', async (_, inputs, from, hint) => {
    const outcome = await read(inputs, from)
    expect(outcome.exitCode).toBe(1)
    const [error, ...others] = outcome.commands.filter(({ name }) => name === 'error')
    expect([error?.text, others]).toEqual([expect.stringContaining('may not read COLOUR'), []])
    expect(error?.text).toContain(hint)
    expect(error?.properties).toMatchObject({ file: 'pve-provision.yaml', line: lineOf(text(), 'tags:') })
  })

  it('is not a secret of the job that is not listed, in any place: all are named in one line to add', async () => {
    const machine = [
      'pool: "${var:pool}"',
      'tags: ["key-${env:AWS_ACCESS_KEY_ID}"]',
      'cloudInit: { password: "${secret:NPM_AUTH}", vendorData: { text: "#!/bin/sh\\n# ${secret:AWS_SECRET_ACCESS_KEY}", fill: true } }',
    ]
    const all = manifest(around.vendor, { machine, more: ['vars: { pool: "${env:CLOUD_KEY}" }'] })
    const secrets = ['CLOUD_KEY', 'AWS_ACCESS_KEY_ID', 'NPM_AUTH', 'AWS_SECRET_ACCESS_KEY']
    const env = Object.fromEntries(secrets.map((name) => [name, `value-of-${name}`]))
    const outcome = await run(all, { mode: 'plan' }, { env })
    expect(outcome.exitCode).toBe(1)
    for (const name of secrets) expect(texts(outcome, 'error').join()).toContain(`may not read ${name} `)
    const lines = texts(outcome, 'error').map((error) => /`env: (.*)`/.exec(error)?.[1]?.split(', ').toSorted())
    expect(lines).toEqual(secrets.map(() => secrets.toSorted()))
    expect(outcome.everything).not.toContain('value-of-')
  })
})

describe('a plan', () => {
  it('fails where an apply would be refused, except for missing privileges of the token', async () => {
    const text = manifest(around.vendor, { project: 'refused', count: 1 })
    const missing = await run(text.replace('vmbr0', 'vmbr7'), { mode: 'plan' })
    expect(missing.exitCode).toBe(1)
    expect(texts(missing, 'error')).toEqual([expect.stringContaining('There is no bridge vmbr7')])

    await byHand('POST', '/access/users', { userid: 'look@pve' })
    await byHand('PUT', '/access/acl', { path: '/', users: 'look@pve', roles: 'PVEAuditor' })
    const made = await byHand('POST', '/access/users/look@pve/token/only', { privsep: false })
    const { value } = made as { value: string }
    const looked = await run(text, { mode: 'plan', 'token-id': 'look@pve!only', 'token-secret': value })
    expect(looked.exitCode).toBe(0)
    expect(texts(looked, 'error')).toEqual([])
    expect(looked.summary).toContain('missing privileges</summary>')
  })
})

describe('a required wait', () => {
  const silent = { action: 'fail', method: 'GET', path: '/nodes/*/qemu/*/agent/*', status: 500 } as const

  it('fails each run until the answer is there, so that no later step runs without an address', async () => {
    const wait = ['start: true', 'wait: { agent: true, seconds: 1, required: true }', 'cloudInit: { ip: dhcp }']
    const text = manifest(around.vendor, { project: 'required', count: 1, machine: wait })
    around.simulator.faults.add({ ...silent, reason: 'QEMU guest agent is not running' })
    for (const _ of ['the run that starts it', 'the next run, which finds it running']) {
      const outcome = await run(text, {})
      expect(outcome.exitCode).toBe(1)
      expect(texts(outcome, 'error')[0]).toContain('is not as `wait` requires')
      expect(JSON.parse(outcome.outputs.addresses ?? '')).toEqual({})
    }
    around.simulator.faults.clear()
    const fine = await run(text.replace('seconds: 1', 'seconds: 60'), {})
    expect([fine.exitCode, fine.outputs.changed]).toEqual([0, 'false'])
    expect(JSON.parse(fine.outputs.addresses ?? '')['web-1']).toMatch(/^\d+\./)
  })

  it('that is not required is a warning at its step', async () => {
    const machine = ['start: true', 'wait: { agent: true, seconds: 1 }']
    around.simulator.faults.add({ ...silent, reason: 'QEMU guest agent is not running' })
    const outcome = await run(manifest(around.vendor, { project: 'warned', count: 1, machine }), {})
    expect(outcome.exitCode).toBe(0)
    expect(outcome.commands).toContainEqual(
      expect.objectContaining({ properties: { title: 'wait:web-1' }, text: expect.stringContaining('guest agent') }),
    )
  })
})

describe('an address with a user and a password', () => {
  it('is never given to Proxmox, which would log it', async () => {
    const text = manifest(around.vendor, { project: 'private', count: 1 })
    const outcome = await run(text.replace('url: http://', 'url: http://ci:a-long-password@'), {})
    expect(outcome.exitCode).toBe(0)
    expect(outcome.log).toMatch(/(stream|upload):debian/)
    expect(outcome.log).not.toContain('pull:debian')
    expect(outcome.everything).not.toContain('a-long-password')
    expect(filesWith('a-long-password', around.simulator.dataDirectory)).toEqual([])
  })
})

describe('variables of the manifest', () => {
  const text = () => manifest(around.vendor, { project: 'sized', count: 1, machine: ['cores: ${var:cores}'] })

  it('come from the input, and take precedence over those in the manifest', async () => {
    const more = ['vars: { cores: 1 }']
    const declared = manifest(around.vendor, { project: 'sized', count: 1, machine: ['cores: ${var:cores}'], more })
    for (const given of [text(), declared]) {
      const planned = await run(given, { mode: 'plan', vars: 'cores=3\n' })
      expect(planned.exitCode).toBe(0)
    }
    expect((await run(declared, { mode: 'plan', vars: 'cores=none' })).exitCode).toBe(1)
  })

  it('that are missing, unknown or invalid are reported with the input to set', async () => {
    const missing = await run(text(), { mode: 'plan' })
    expect(texts(missing, 'error').join()).toContain('set it with the input `vars`, as a line `cores=…`')
    const unknown = await run(text(), { mode: 'plan', vars: 'cores=3\ncolour=blue' })
    expect(texts(unknown, 'error').join()).toContain('has no variable colour')
    const wrong = await run(text(), { mode: 'plan', vars: 'cores: 3' })
    expect(texts(wrong, 'error').join()).toContain('`vars` must be lines such as `size=large`')
  })
})

describe('the machines of a plan', () => {
  it('are the existing ones, with their changes, and those to create', async () => {
    const machine = ['cloudInit: { user: ops, ip: { from: 10.0.21.11/24 } }']
    const one = manifest(around.vendor, { project: 'planned', count: 1, machine })
    expect((await run(one, {})).exitCode).toBe(0)
    const planned = await run(one.replace('count: 1', 'count: 2'), { mode: 'plan' })
    expect(JSON.parse(planned.outputs.vms ?? '')).toMatchObject([
      { name: 'web-1', vmid: expect.any(Number), status: 'keep', power: 'stopped', addresses: ['10.0.21.11'] },
      { name: 'web-2', status: 'create', addresses: ['10.0.21.12'] },
    ])
    expect(JSON.parse(planned.outputs['vms-by-name'] ?? '')['web-2']).not.toHaveProperty('power')
    // A machine that does not exist has no address yet.
    expect(JSON.parse(planned.outputs.addresses ?? '')).toEqual({ 'web-1': '10.0.21.11' })
  })
})

describe('a plan that was reviewed', () => {
  it('is applied by its digest, and no other plan is; the outputs list the machines', async () => {
    const machine = ['tags: [front]', 'cloudInit: { user: ops, ip: 10.0.20.11/24 }']
    const text = manifest(around.vendor, { project: 'reviewed', count: 1, machine })
    const planned = await run(text, { mode: 'plan' })
    const digest = planned.outputs['plan-digest'] ?? ''
    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/)

    const other = text.replace('tags: [front]', 'tags: [front]\n    cores: 2')
    for (const [given, expected] of [
      [other, digest],
      [text, `sha256:${'0'.repeat(64)}`],
      [text, ''],
    ] as const) {
      const refused = await run(given, { 'expect-plan': expected })
      expect(refused.exitCode).toBe(1)
      expect(texts(refused, 'error')[0]).toMatch(/This is not the expected plan|`expect-plan` is empty/)
    }
    expect(stepsOf(await run(text, { mode: 'plan' }))).toContain('create:web-1')

    const made = await run(text, { 'expect-plan': digest })
    expect(made.exitCode).toBe(0)
    const machines = JSON.parse(made.outputs['vms-by-name'] ?? '')
    expect(machines['web-1']).toMatchObject({ status: 'created', power: 'stopped', addresses: ['10.0.20.11'] })
    expect(JSON.parse(made.outputs.addresses ?? '')).toEqual({ 'web-1': '10.0.20.11' })
    expect(made.outputs['proxmox-version']).toMatch(/^\d+\.\d+/)
    const { all } = parse(readFileSync(made.outputs.inventory ?? '', 'utf8'))
    expect(all.hosts['web-1']).toMatchObject({ ansible_host: '10.0.20.11', ansible_user: 'ops', proxmox_node: 'pve1' })
    expect(all.children.tag_front.hosts).toEqual({ 'web-1': {} })
  })
})

describe('destroy', () => {
  it('of orphans and expired machines removes only these; a plan of it removes nothing', async () => {
    const job = (words: string) => `  ${words}`
    const given = (more: string[]) => manifest(around.vendor, { project: 'parts', count: 1, more })
    const all = given([job('old: { image: debian }'), job('brief: { image: debian, expires: 1 s }')])
    expect((await run(all, {})).exitCode).toBe(0)

    const fewer = given([job('brief: { image: debian, expires: 1 s }')])
    const planned = await run(fewer, { mode: 'plan', destroy: 'orphans' })
    expect(stepsOf(planned)).toEqual(['destroy:old'])
    const orphans = await run(fewer, { mode: 'destroy', destroy: 'orphans' })
    expect(JSON.parse(orphans.outputs.vms ?? '')).toMatchObject([{ name: 'old', status: 'destroyed' }])

    // Each run takes a while, so the machines have expired after a few of them.
    let changes = '0'
    while (changes === '0') changes = (await run(fewer, { mode: 'plan', destroy: 'expired' })).outputs.changes ?? ''
    const expired = await run(fewer, { mode: 'destroy', destroy: 'expired' })
    expect(JSON.parse(expired.outputs.vms ?? '')).toMatchObject([{ name: 'brief', status: 'destroyed' }])
    expect(JSON.parse((await run(fewer, { mode: 'destroy' })).outputs.vms ?? '')).toMatchObject([{ name: 'web-1' }])
  })
})

describe('adopt', () => {
  it('adopts the machine that is named, and refuses a missing one', async () => {
    const parameters = { vmid: 104, name: 'web-1', memory: 512, net0: 'virtio,bridge=vmbr0', scsi0: 'local-lvm:1' }
    await byHand('POST', '/nodes/pve1/qemu', parameters)
    const text = manifest(around.vendor, { project: 'taken', count: 1 })
    const missing = await run(text, { mode: 'adopt', adopt: 'web-1=999' })
    expect(missing.exitCode).toBe(1)
    expect(texts(missing, 'error')[0]).toContain('There is no VM 999')
    const adopted = await run(text, { mode: 'adopt', adopt: 'web-1=104' })
    expect(adopted.exitCode).toBe(0)
    expect(JSON.parse(adopted.outputs.vms ?? '')).toMatchObject([{ name: 'web-1', vmid: 104 }])
  })
})

describe('pin, prune and doctor', () => {
  it('pin writes the lock file without a token, once', async () => {
    const job = newJob()
    writeManifest(job, manifest(around.vendor))
    const before = around.simulator.requests.total
    const pin = () => runAction(callOf(around, job, { inputs: { ...NOBODY, mode: 'pin' } }))
    const [first, second] = [await pin(), await pin()]
    expect([first.exitCode, first.outputs.changed, second.outputs.changed]).toEqual([0, 'true', 'false'])
    expect(readFileSync(join(job.workspace, 'pve-provision.lock'), 'utf8')).toContain(around.vendor.digest)
    expect(around.simulator.requests.total).toBe(before)
  })

  it('pin fails where the vendor does not answer, and writes nothing', async () => {
    const job = newJob()
    writeManifest(job, manifest(around.vendor).replace('/SHA256SUMS', '/missing'))
    const outcome = await runAction(callOf(around, job, { inputs: { ...NOBODY, mode: 'pin' } }))
    expect(outcome.exitCode).toBe(1)
    expect(existsSync(join(job.workspace, 'pve-provision.lock'))).toBe(false)
  })

  it('prune removes nothing that is used', async () => {
    const text = manifest(around.vendor, { project: 'pruned', count: 1 })
    await run(text, {})
    const outcome = await run(text, { mode: 'prune' })
    expect([outcome.exitCode, outcome.outputs.changed]).toEqual([0, 'false'])
  })

  it('doctor passes where everything exists, and fails with a remedy for a missing bridge', async () => {
    const text = manifest(around.vendor, { project: 'checked' })
    const well = await run(text, { mode: 'doctor' })
    expect(well.exitCode).toBe(0)
    expect(well.summary).toContain('✅ `version` Proxmox VE')
    const ill = await run(text.replace('vmbr0', 'vmbr7'), { mode: 'doctor' })
    expect(ill.exitCode).toBe(1)
    expect(texts(ill, 'error').join()).toContain('vmbr7')
    expect(ill.summary).toContain('## ❌')
  })
})

describe('a timeout', () => {
  it('ends a run that waits for Proxmox, and reports the timeout', async () => {
    const listing = around.simulator.requests.hold({ method: 'GET', path: '/cluster/resources' })
    const outcome = await run(manifest(around.vendor), { timeout: '1s' })
    listing.release()
    expect(outcome.exitCode).toBe(1)
    expect(texts(outcome, 'error').join()).toContain('stopped after 1.0 s, the limit of the input `timeout`')
  })

  it('does not affect a faster run', async () => {
    expect((await run(manifest(around.vendor), { mode: 'plan', timeout: '10m' })).exitCode).toBe(0)
  })
})

describe('a token', () => {
  const nowSeconds = () => Math.floor(Date.now() / 1000)
  const expires = (expire: number) => byHand('PUT', '/access/users/root@pam/token/simulator', { expire })
  const warnings = async () => texts(await run(manifest(around.vendor), { mode: 'plan' }), 'warning').join()

  it('that expires within two weeks is a warning, and a later end is none', async () => {
    await expires(nowSeconds() + 5 * 86_400)
    expect(await warnings()).toContain('expires in')
    await expires(nowSeconds() + 60 * 86_400)
    expect(await warnings()).toBe('')
    await expires(0)
    expect((await run(manifest(around.vendor), { mode: 'plan' })).log).toContain('never expires')
  })
})
