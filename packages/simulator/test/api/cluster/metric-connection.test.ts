// What is tested and dropped before a definition is stored (pve-manager `Status/OpenTelemetry.pm`, `API2/Backup.pm`).
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { createSimulator } from '../../../src/index.ts'
import { clientOf } from '../../support/client.ts'
import { expectSteps, step } from '../../support/steps.ts'

test('a collector of OpenTelemetry must answer before it is stored', async () => {
  const simulator = await createSimulator()
  const asked: string[] = []
  const collector = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    response.end('{}')
  })
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve))
  const { port } = collector.address() as AddressInfo
  const target = { type: 'opentelemetry', server: '127.0.0.1', 'otel-protocol': 'http' }
  await expectSteps(clientOf(simulator), [
    step(
      'POST /cluster/metrics/server/closed',
      { ...target, port: 1 },
      expect.stringContaining("Connection test failed: 500 Can't connect to 127.0.0.1:1 (Connection refused) at "),
    ),
    step('GET /cluster/metrics/server/closed', {}, "status server entry 'closed' does not exist"),
    step('POST /cluster/metrics/server/open', { ...target, port }, null),
    step('GET /cluster/metrics/server/open', {}, { port }),
  ])
  await simulator.close()
  collector.close()
  expect(asked).toEqual(['POST /v1/metrics'])
})

test('an empty setting is not kept', async () => {
  const simulator = await createSimulator()
  const api = clientOf(simulator)
  await api('POST', '/cluster/backup', { id: 'job', schedule: 'daily', all: 1, exclude: '100' })
  await api('PUT', '/cluster/backup/job', { exclude: '', comment: 'x' })
  const { data } = await api('GET', '/cluster/backup/job')
  await simulator.close()
  expect(data).toMatchObject({ all: 1, comment: 'x' })
  expect(data).not.toHaveProperty('exclude')
})
