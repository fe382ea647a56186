import { describe, expect, it } from 'vitest'
import { listOwnRunningTasks } from '../../../../src/ports/pve/tasks/own-tasks.ts'
import { pollDelayMs } from '../../../../src/ports/pve/tasks/task.ts'
import { percentOf } from '../../../../src/ports/pve/tasks/task-log.ts'
import { clientOf, rejection, tokenId } from '../support/client.ts'
import { startTaskServer, upidOf } from '../support/fake-tasks.ts'
import { answer, answerEmpty, startServer } from '../support/servers.ts'

const create = upidOf('qmcreate')

describe('waiting for a task', () => {
  it('polls the node of the UPID until the task ends', async () => {
    const upid = upidOf('qmcreate', '100', 'pve2')
    const server = await startTaskServer({ [upid]: { looks: 3 } })
    const { pve, clock } = clientOf(server)
    expect(await pve.waitForTask(upid)).toEqual({ upid, node: 'pve2', warnings: 0, warningLines: [] })
    expect(server.seen).toHaveLength(4)
    expect(server.seen.every(({ path }) => path.startsWith('/api2/json/nodes/pve2/tasks/UPID%3Apve2'))).toBe(true)
    expect(clock.sleeps).toEqual([250, 100, 100, 100])
  })

  it('polls less often as a task gets older', async () => {
    const server = await startTaskServer({ [create]: { looks: 60 } })
    const { pve, clock } = clientOf(server)
    await pve.waitForTask(create)
    const total = clock.sleeps.reduce((sum, ms) => sum + ms, 0)
    expect(Math.max(...clock.sleeps)).toBe(2_000)
    expect(total).toBeGreaterThan(45_000)
  })

  it('polls first when tasks of this type usually end, as learned from earlier ones', async () => {
    const [slow, next, other] = [upidOf('qmclone', '101'), upidOf('qmclone', '102'), upidOf('imgcopy', '103')]
    const server = await startTaskServer({ [slow]: { looks: 5 }, [next]: {}, [other]: {} })
    const { pve, clock } = clientOf(server)
    await pve.waitForTask(slow)
    const slowMs = clock.sleeps.reduce((sum, ms) => sum + ms, 0)
    await pve.waitForTask(next)
    const firstMs = clock.sleeps.at(-1) ?? 0
    expect(firstMs).toBeGreaterThan(250)
    expect(firstMs).toBeLessThan(slowMs)
    // It had ended at the first call, so the next task is polled sooner.
    await pve.waitForTask(upidOf('qmclone', '102'))
    expect(clock.sleeps.at(-1)).toBeLessThan(firstMs)
    await pve.waitForTask(other)
    expect(clock.sleeps.at(-1)).toBe(80)
  })

  it('knows a task without an id', async () => {
    const upid = upidOf('imgcopy', '')
    const server = await startTaskServer({ [upid]: {} })
    expect(await clientOf(server).pve.waitForTask(upid)).toMatchObject({ upid })
  })

  it('treats warnings as success, and returns their lines', async () => {
    const log = ['WARN: no efidisk configured! Using temporary efivars disk.', 'done', 'TASK WARNINGS: 1']
    const server = await startTaskServer({ [create]: { exitStatus: 'WARNINGS: 1', log } })
    expect(await clientOf(server).pve.waitForTask(create)).toMatchObject({ warnings: 1, warningLines: [log[0]] })
  })

  it('that removed a machine on Proxmox VE 8 reports a disk that was left behind, though its status is OK', async () => {
    const upid = upidOf('qmdestroy')
    const log = ["Could not remove disk 'local:100/vm-100-disk-0.raw', check manually: unlink failed", 'TASK OK']
    const server = await startTaskServer({ [upid]: { log } })
    expect(await clientOf(server).pve.waitForTask(upid)).toMatchObject({ warnings: 1, warningLines: [log[0]] })
  })

  it('that fails reports its status and the end of a long log', async () => {
    const log = [
      ...Array.from({ length: 90 }, (_, index) => `line ${index}`),
      "TASK ERROR: disk 'scsi9' does not exist",
    ]
    const server = await startTaskServer({ [create]: { exitStatus: "disk 'scsi9' does not exist", log } })
    expect(await rejection(clientOf(server).pve.waitForTask(create))).toMatchObject({
      code: 'TASK',
      message: "Task qmcreate 100 on node pve1 failed: disk 'scsi9' does not exist",
      details: { upid: create, node: 'pve1', problem: 'not-found', log: log.slice(-20) },
    })
  })

  it('that failed says nothing of a long command line, but keeps a short one', async () => {
    const status = (line: string) => `start failed: command '/usr/bin/kvm -id 100 ${line}' failed: got timeout`
    const long = await startTaskServer({ [create]: { exitStatus: status("-name 'web,debug-threads=on' ".repeat(20)) } })
    await expect(clientOf(long).pve.waitForTask(create)).rejects.toMatchObject({
      message: "Task qmcreate 100 on node pve1 failed: start failed: command '/usr/bin/kvm …' failed: got timeout",
      details: { exitStatus: expect.stringContaining('debug-threads') },
    })
    const short = await startTaskServer({ [create]: { exitStatus: status('-version') } })
    await expect(clientOf(short).pve.waitForTask(create)).rejects.toMatchObject({
      message: `Task qmcreate 100 on node pve1 failed: ${status('-version')}`,
    })
  })

  it.each([
    [
      'on the other node',
      [
        "2026-11-30 20:22:18 starting VM 100 on remote node 'pve2'",
        '2026-11-30 20:22:39 [pve2] interface activation failed',
        '2026-11-30 20:22:40 [pve2] start failed: QEMU exited with code 1',
        '2026-11-30 20:22:41 ERROR: online migrate failure - remote command failed with exit code 255',
        '2026-11-30 20:22:41 aborting phase 2 - cleanup resources',
        '2026-11-30 20:22:51 ERROR: migration finished with problems (duration 00:00:34)',
        'TASK ERROR: migration problems',
      ],
      'migration problems: [pve2] start failed: QEMU exited with code 1: online migrate failure - remote command failed with exit code 255',
    ],
    [
      'here',
      [
        "2026-11-30 20:25:17 ERROR: online migrate failure - can't open tunnel - no reply",
        'TASK ERROR: migration problems',
      ],
      "migration problems: online migrate failure - can't open tunnel - no reply",
    ],
    ['nowhere in the log', ['TASK ERROR: migration problems'], 'migration problems'],
  ])('that failed to migrate says what went wrong %s', async (_, log, reason) => {
    const upid = upidOf('qmigrate')
    const server = await startTaskServer({ [upid]: { exitStatus: 'migration problems', log } })
    await expect(clientOf(server).pve.waitForTask(upid)).rejects.toMatchObject({
      message: `Task qmigrate 100 on node pve1 failed: ${reason}`,
    })
  })

  it('that failed because of a lock is PVE_BUSY, as for a call', async () => {
    const exitStatus = "can't lock file '/var/lock/qemu-server/lock-100.conf' - got timeout"
    const server = await startTaskServer({ [create]: { exitStatus } })
    expect(await rejection(clientOf(server).pve.waitForTask(create))).toMatchObject({
      code: 'PVE_BUSY',
      details: { failure: 'lock' },
    })
  })

  it('that failed is reported even when its log cannot be read', async () => {
    const server = await startTaskServer({ [create]: { exitStatus: 'boom' } }, (response, { path }) => {
      if (path.includes('/log')) answer(response, null, { status: 500, reason: 'no log' })
      return path.includes('/log')
    })
    expect(await rejection(clientOf(server).pve.waitForTask(create))).toMatchObject({
      code: 'TASK',
      details: { log: [] },
    })
  })

  it('whose last line was hidden by a child process is OK when the log says so', async () => {
    const server = await startTaskServer({
      [create]: { exitStatus: 'unexpected status', log: ['TASK OK', 'late words'] },
    })
    expect(await clientOf(server).pve.waitForTask(create)).toMatchObject({ warnings: 0 })
  })

  it('that was killed with its node is an error', async () => {
    const server = await startTaskServer({ [create]: { exitStatus: 'unexpected status', log: ['working'] } })
    expect(await rejection(clientOf(server).pve.waitForTask(create))).toMatchObject({ code: 'TASK' })
  })

  it('that Proxmox does not find is an error', async () => {
    const server = await startTaskServer({})
    expect(await rejection(clientOf(server).pve.waitForTask(create))).toMatchObject({ code: 'PVE' })
  })

  it('whose UPID is invalid is an error', async () => {
    const server = await startTaskServer({})
    expect(await rejection(clientOf(server).pve.waitForTask('nonsense'))).toMatchObject({ code: 'PVE' })
  })

  it('continues while its node is temporarily unreachable', async () => {
    let refusals = 12
    const server = await startTaskServer({ [create]: {} }, (response) => {
      if (refusals-- <= 0) return false
      answerEmpty(response, 595, 'No route to host')
      return true
    })
    expect(await clientOf(server).pve.waitForTask(create)).toMatchObject({ upid: create })
  })

  it('gives up when its node stays unreachable, and names the task', async () => {
    const server = await startServer((response) => answerEmpty(response, 595, 'No route to host'))
    expect(await rejection(clientOf(server).pve.waitForTask(create))).toMatchObject({
      code: 'UNREACHABLE',
      details: { upid: create },
      message: expect.stringContaining('unreachable'),
    })
  })

  it('ends when aborted, and says that the task continues', async () => {
    const abort = new AbortController()
    const server = await startTaskServer({ [create]: { looks: 1_000 } }, (_, { connection }) => {
      if (connection > 0) abort.abort()
      return false
    })
    const error = await rejection(clientOf(server).pve.waitForTask(create, { signal: abort.signal }))
    expect(error).toMatchObject({ code: 'CANCELLED', details: { upid: create } })
    expect(String(error)).toContain('continues in Proxmox')
  })

  it('ends when the token is revoked, and names the task that continues', async () => {
    const server = await startServer((response) => answerEmpty(response, 401, 'Authentication failed!'))
    expect(await rejection(clientOf(server).pve.waitForTask(create))).toMatchObject({
      code: 'AUTHENTICATION',
      message: expect.stringContaining('while waiting for Task qmcreate 100 on node pve1'),
      details: { upid: create },
    })
  })

  it('continues when only its log cannot be read', async () => {
    const server = await startTaskServer({ [create]: { looks: 20 } }, (response, { path }) => {
      if (path.includes('/log')) answer(response, null, { status: 500, reason: 'no log' })
      return path.includes('/log')
    })
    expect(await clientOf(server).pve.waitForTask(create, { onPercent: () => undefined })).toMatchObject({
      warnings: 0,
    })
  })

  it('reports the percentage in its log', async () => {
    const log = ['create full clone', 'transferred 0.0 B of 3.0 GiB (0.00%)', 'transferred 1.2 GiB of 3.0 GiB (40.25%)']
    const server = await startTaskServer({ [create]: { looks: 20, log } })
    const percents: number[] = []
    await clientOf(server).pve.waitForTask(create, { onPercent: (percent) => percents.push(percent) })
    expect(percents).toEqual([40.25])
    const logs = server.seen.filter(({ path }) => path.includes('/log'))
    expect(logs.length).toBeGreaterThan(1)
    expect(logs.length).toBeLessThan(server.seen.length - logs.length)
    expect(logs[1]?.path).toContain('start=3')
  })

  it('that found no space says so, though only its log does', async () => {
    const log = ['qemu-img: error while writing at byte 9371648: No space left on device', 'TASK ERROR: clone failed']
    const server = await startTaskServer({ [create]: { exitStatus: 'clone failed: exit code 1', log } })
    expect(await rejection(clientOf(server).pve.waitForTask(create))).toMatchObject({
      code: 'TASK',
      message: 'Task qmcreate 100 on node pve1 failed: no space is left on the storage: clone failed: exit code 1',
      hint: expect.stringContaining('images prune'),
      details: { problem: 'no-space' },
    })
  })

  it('that is silent for ten minutes is reported once; after an hour the wait ends with its UPID', async () => {
    const server = await startTaskServer({ [create]: { looks: 100_000, log: ['create full clone'] } })
    const told: string[] = []
    const { pve, clock } = clientOf(server)
    const error = await rejection(pve.waitForTask(create, { onSilence: (sentence) => told.push(sentence) }))
    expect(error).toMatchObject({
      code: 'TASK',
      message: expect.stringMatching(
        /^Task qmcreate 100 on node pve1 is running but has logged nothing for 6\d min \(UPID:/,
      ),
      hint: expect.stringContaining(`pvesh delete '/nodes/pve1/tasks/${create}'`),
      details: { problem: 'still-running', upid: create },
    })
    expect(told).toEqual([expect.stringContaining('nothing for 10 min')])
    expect(clock.sleeps.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThan(60 * 60_000)
  })

  it('that keeps logging is waited for, however long it takes', async () => {
    let line = 0
    const server = await startTaskServer({ [create]: { looks: 3_000 } }, (response, { path }) => {
      if (!path.includes('/log')) return false
      line += 1
      answer(response, [{ n: line, t: `transferred ${line} MiB` }])
      return true
    })
    const { pve, clock } = clientOf(server)
    expect(await pve.waitForTask(create)).toMatchObject({ warnings: 0 })
    expect(clock.sleeps.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThan(90 * 60_000)
  })

  it('does not read the log when there is no listener and the task succeeds', async () => {
    const server = await startTaskServer({ [create]: { looks: 20 } })
    await clientOf(server).pve.waitForTask(create)
    expect(server.seen.filter(({ path }) => path.includes('/log'))).toEqual([])
  })
})

describe('the polling interval', () => {
  it('is a sixth of the age, from 100 ms to 2 s', () => {
    expect([0, 600, 1_200, 6_000, 60_000].map((age) => pollDelayMs(age, 1))).toEqual([100, 100, 200, 1_000, 2_000])
  })

  it('grows with the number of waiting tasks per node, so that the total rate stays the same', () => {
    expect(pollDelayMs(0, 8)).toBe(100)
    expect(pollDelayMs(0, 24)).toBe(300)
  })
})

describe('the percentage', () => {
  it.each([
    ['transferred 1.2 GiB of 3.0 GiB (40.25%)', 40.25],
    ['drive-scsi0: transferred 64.0 MiB of 512.0 MiB (12.50%) in 1s', 12.5],
    ['327680K ........ ........ ........ ........ 42%  101M 5s', 42],
    ['transferred 3.0 GiB of 3.0 GiB (100.00%)', 100],
  ])('of %j is %d', (line, percent) => {
    expect(percentOf(['before', line, 'after'])).toBe(percent)
  })

  it('of other lines is unknown', () => {
    expect(percentOf(['creating disk', 'TASK OK'])).toBeUndefined()
    expect(percentOf([])).toBeUndefined()
  })
})

describe('tasks of our own that still run', () => {
  it('are found on each node, without those of others', async () => {
    const ours = upidOf('qmclone', '900', 'pve2')
    const lists: Readonly<Record<string, readonly object[]>> = {
      pve1: [
        { upid: upidOf('qmcreate', '100', 'pve1'), status: 'OK', endtime: 1 },
        { upid: upidOf('qmcreate', '101', 'pve1').replace('ci@pve!runner', 'root@pam'), status: 'RUNNING' },
      ],
      pve2: [{ upid: ours, status: 'RUNNING' }],
    }
    const server = await startServer((response, { path }) =>
      answer(response, lists[/nodes\/([^/]+)/.exec(path)?.[1] ?? ''] ?? []),
    )
    const { pve } = clientOf(server)
    const found = await listOwnRunningTasks(pve, { nodes: ['pve1', 'pve2', 'pve3'], identity: tokenId })
    expect(found.map(({ upid }) => upid)).toEqual([ours])
    expect(server.seen).toHaveLength(3)
    expect(server.seen[0]?.path).toContain('source=active')
  })
  it('on a node that is down are none, and an endpoint that is down is an error', async () => {
    const server = await startServer((response) => answerEmpty(response, 595, 'No route to host'))
    const { pve } = clientOf(server)
    const options = { nodes: ['pve1'], identity: tokenId }
    expect(await listOwnRunningTasks(pve, options)).toEqual([])
    await server.close()
    expect(await rejection(listOwnRunningTasks(pve, options))).toMatchObject({ code: 'UNREACHABLE' })
  })
})
