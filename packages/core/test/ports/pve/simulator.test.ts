// The port with a simulated cluster: the same requests as to a real one, with its locks, tasks and rules.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSimulator, type Simulator } from '../../../../simulator/src/index.ts'
import { api } from '../../../src/ports/pve/api.ts'
import { isLeftover, isLostReply, isProblem } from '../../../src/ports/pve/call/pve-problem.ts'
import { createPve } from '../../../src/ports/pve/create-pve.ts'
import { permissionsOf } from '../../../src/ports/pve/permissions.ts'
import type { Pve, UploadFile } from '../../../src/ports/pve/pve.ts'
import { listOwnRunningTasks } from '../../../src/ports/pve/tasks/own-tasks.ts'
import { realClock, rejection, testMeter } from './support/client.ts'

let simulator: Simulator
let pve: Pve
let directory: string
let image: UploadFile

const vms = '/nodes/pve1/qemu'

beforeAll(async () => {
  simulator = await createSimulator({ nodes: ['pve1', 'pve2'], latency: 'instant' })
  const { endpoint, fingerprint, tokenId, tokenSecret } = simulator
  pve = createPve({
    endpoints: [new URL(endpoint)],
    credentials: { tokenId, tokenSecret },
    trust: { fingerprint },
    clock: realClock,
    meter: testMeter(),
  })
  directory = await mkdtemp(join(tmpdir(), 'pve-port-'))
  image = await makeImage('debian-13.qcow2')
})

afterAll(async () => {
  pve.close()
  await simulator.close()
  await rm(directory, { recursive: true })
})

async function makeImage(fileName: string): Promise<UploadFile> {
  const path = join(directory, fileName)
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', path, '16M'])
  const bytes = await readFile(path)
  return {
    at: { node: 'pve1', storage: 'local' },
    content: 'import',
    fileName,
    sizeBytes: bytes.length,
    checksum: { algorithm: 'sha256', hex: createHash('sha256').update(bytes).digest('hex') },
    open: () => createReadStream(path),
  }
}

const create = async (vmid: number, more: Readonly<Record<string, unknown>> = {}) =>
  textOf(pve.request('POST', vms, { parameters: { vmid, name: `vm-${vmid}`, memory: 128, ...more } }))

/** Returns a UPID, which all calls in these tests answer. */
async function textOf(answer: Promise<unknown>): Promise<string> {
  return String(await answer)
}

describe('the main job', () => {
  it('goes from an uploaded image to a started machine and back', async () => {
    const volume = await pve.upload(image)
    expect(volume).toBe('local:import/debian-13.qcow2')
    const disks = { scsi0: `local:0,import-from=${volume}`, net12: 'virtio,bridge=vmbr0', onboot: true }
    await pve.waitForTask(await create(100, disks))
    expect(await pve.request('GET', `${vms}/100/config`)).toMatchObject({
      name: 'vm-100',
      onboot: 1,
      scsi0: expect.stringContaining('vm-100-disk-0'),
    })
    await pve.waitForTask(await textOf(pve.request('POST', `${vms}/100/status/start`)))
    await pve.waitForTask(await textOf(pve.request('POST', `${vms}/100/status/stop`)))
    await pve.waitForTask(await textOf(pve.request('DELETE', `${vms}/100`, { parameters: { purge: true } })))
    expect(isProblem(await rejection(pve.request('GET', `${vms}/100/config`)), 'not-found')).toBe(true)
  })

  it('waits for tasks at the node that runs them', async () => {
    const upid = await textOf(pve.request('POST', '/nodes/pve2/qemu', { parameters: { vmid: 150, memory: 128 } }))
    expect(await pve.waitForTask(upid)).toMatchObject({ node: 'pve2' })
  })

  it('reports the task error of a bad upload', async () => {
    const bad = { ...image, fileName: 'other.qcow2', checksum: { algorithm: 'sha256', hex: '0'.repeat(64) } } as const
    expect(await rejection(pve.upload(bad))).toMatchObject({ code: 'TASK', details: { problem: 'checksum-mismatch' } })
  })

  it('detects from its message that a VM ID is taken', async () => {
    await pve.waitForTask(await create(110))
    expect(isProblem(await rejection(create(110)), 'already-exists')).toBe(true)
  })

  it('reports what is wrong with parameters', async () => {
    expect(await rejection(create(111, { cores: 0, bogus: 1 }))).toMatchObject({
      details: { status: 400, problem: 'parameters', errors: { cores: expect.any(String), bogus: expect.any(String) } },
    })
  })
})

describe('a bad day', () => {
  it('a create whose answer is lost is in doubt, and done', async () => {
    simulator.faults.add({ action: 'drop-after', method: 'POST', path: vms, count: 1 })
    expect(isLostReply(await rejection(create(120)))).toBe(true)
    expect(await pve.request('GET', `${vms}/120/config`)).toMatchObject({ name: 'vm-120' })
  })

  it('a create that was never received is in doubt too', async () => {
    simulator.faults.add({ action: 'drop-before', method: 'POST', path: vms, count: 1 })
    expect(isLostReply(await rejection(create(121)))).toBe(true)
    expect(isProblem(await rejection(pve.request('GET', `${vms}/121/config`)), 'not-found')).toBe(true)
  })

  it('a read whose answers are lost or cut is repeated', async () => {
    simulator.faults.add({ action: 'drop-after', method: 'GET', path: '/version', count: 1 })
    simulator.faults.add({ action: 'truncate', method: 'GET', path: '/version', count: 1 })
    simulator.faults.add({
      action: 'fail',
      method: 'GET',
      path: '/version',
      count: 1,
      status: 596,
      reason: 'Broken pipe',
    })
    expect(await pve.request('GET', '/version')).toMatchObject({ version: expect.stringMatching(/^9/) })
  })

  it('a call whose worker does not start is repeated, but a create leaves its VM ID taken', async () => {
    await pve.waitForTask(await create(130))
    simulator.faults.add({ action: 'no-worker', method: 'POST', path: `${vms}/130/status/start`, count: 1 })
    await pve.waitForTask(await textOf(pve.request('POST', `${vms}/130/status/start`)))
    simulator.faults.add({ action: 'no-worker', method: 'POST', path: vms, count: 1 })
    expect(isLeftover(await rejection(create(131)))).toBe(true)
    expect(await pve.request('GET', `${vms}/131/config`)).toMatchObject({ lock: 'create' })
  })

  it('an upload whose answer is lost is in doubt; its task is found again and waited for', async () => {
    simulator.faults.add({ action: 'drop-after', method: 'POST', path: '/nodes/*/storage/*/upload', count: 1 })
    expect(isLostReply(await rejection(pve.upload({ ...image, fileName: 'lost.qcow2' })))).toBe(true)
    const tasks = await listOwnRunningTasks(pve, { nodes: ['pve1', 'pve2'], identity: pve.identity })
    expect(tasks.map(({ type }) => type)).toContain('imgcopy')
    for (const { upid } of tasks) await pve.waitForTask(upid)
    const content = await pve.request('GET', '/nodes/pve1/storage/local/content', { parameters: { content: 'import' } })
    expect(content).toContainEqual(expect.objectContaining({ volid: 'local:import/lost.qcow2' }))
  })

  it('a revoked token is an error of its own', async () => {
    const { endpoint, fingerprint, tokenId } = simulator
    const other = createPve({
      endpoints: [new URL(endpoint)],
      credentials: { tokenId, tokenSecret: '00000000-0000-4000-8000-000000000000' },
      trust: { fingerprint },
      clock: realClock,
      meter: testMeter(),
    })
    expect(await rejection(other.request('GET', '/version'))).toMatchObject({ code: 'AUTHENTICATION' })
    other.close()
  })
})

describe('who we are', () => {
  it('root has every privilege', async () => {
    const has = permissionsOf(await api(pve).access.permissions.$get())
    expect(has('/vms/4711', 'VM.Allocate')).toBe(true)
    expect(has('/storage/local', 'Datastore.AllocateTemplate')).toBe(true)
  })

  it('a password works as well as a token', async () => {
    const { endpoint, fingerprint, rootPassword } = simulator
    const root = createPve({
      endpoints: [new URL(endpoint)],
      credentials: { username: 'root@pam', password: rootPassword },
      trust: { fingerprint },
      clock: realClock,
      meter: testMeter(),
    })
    expect(await root.upload({ ...image, fileName: 'by-ticket.qcow2' })).toBe('local:import/by-ticket.qcow2')
    await root.waitForTask(await textOf(root.request('POST', vms, { parameters: { vmid: 140, memory: 128 } })))
    root.close()
  })
})
