// Sixteen nodes and a thousand machines: all are listed, each is found, and memory stays low.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSimulator, type Simulator } from '../src/index.ts'
import { clientOf } from './support/client.ts'

const nodes = Array.from({ length: 16 }, (_, index) => `n${index + 1}`)
let simulator: Simulator

beforeAll(async () => {
  const machines = Array.from({ length: 1_000 }, (_, index) => ({
    vmid: 1_000 + index,
    node: nodes[index % 16] ?? '',
    name: `m-${index}`,
  }))
  simulator = await createSimulator({ nodes, machines })
})
afterAll(() => simulator.close())

test('a thousand machines are listed, and each is on its node', async () => {
  const api = clientOf(simulator)
  expect((await api('GET', '/cluster/resources', { type: 'vm' })).data).toHaveLength(1_000)
  for (const [index, node] of nodes.entries()) {
    const listed = (await api('GET', `/nodes/${node}/qemu`)).data as { vmid: number }[]
    expect(listed).toHaveLength(index < 8 ? 63 : 62)
  }
  expect((await api('GET', '/nodes/n16/qemu/1999/config')).status).toBe(500)
  expect((await api('GET', '/nodes/n8/qemu/1999/config')).data).toMatchObject({ name: 'm-999' })
})

test.runIf(process.platform === 'linux')('they take less than 300 MiB (asked of /proc: Linux only)', async () => {
  const program = fileURLToPath(new URL('../src/main.ts', import.meta.url))
  const options = ['--listen', '127.0.0.1:0', '--latency', 'instant', '--nodes', nodes.join(','), '--machines', '1000']
  const child = execa(process.execPath, [program, ...options], { reject: false })
  await once(child.stdout, 'data')
  const resident = Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1])
  child.kill('SIGTERM')
  await child
  expect(resident / 1024).toBeLessThan(300)
  expect(resident).toBeGreaterThan(0)
})
