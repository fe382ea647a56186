// Services of a node (pve-manager `API2/Services.pm`).
import { expect, test } from 'vitest'
import { createSimulator } from '../../../src/index.ts'
import { clientOf, ended } from '../../support/client.ts'

const root = '/nodes/pve/services'

test('services are stopped and started, except those that the API needs', async () => {
  const simulator = await createSimulator()
  const api = clientOf(simulator)
  const stateOf = async (name: string) => (await api('GET', `${root}/${name}/state`)).data
  const act = async (path: string) => (await ended(api, await api('POST', `${root}/${path}`))).exitStatus
  expect(await stateOf('cron')).toEqual({
    service: 'cron',
    name: 'cron',
    desc: 'Regular background program processing daemon',
    state: 'running',
    'active-state': 'active',
    'unit-state': 'enabled',
  })
  expect(await act('cron/stop')).toBe('OK')
  expect(await act('cron/reload')).toBe('OK')
  expect(await stateOf('cron')).toMatchObject({ state: 'dead', 'active-state': 'inactive' })
  expect(await act('cron/restart')).toBe('OK')
  expect(await stateOf('cron')).toMatchObject({ state: 'running' })
  expect(await act('pveproxy/stop')).toBe("invalid service cmd 'pveproxy stop': refusing to stop essential service!")
  expect(await act('syslog/start')).toBe("command 'systemctl start syslog' failed: exit code 5")
  expect((await api('GET', `${root}/nosuch/state`)).status).toBe(400)
  await simulator.close()
})

test('8.4 has fewer services', async () => {
  const names = async (version: '8.4' | '9.2') => {
    const simulator = await createSimulator({ version })
    const rows = (await clientOf(simulator)('GET', root)).data as { service: string }[]
    await simulator.close()
    return rows.map(({ service }) => service)
  }
  expect(await names('9.2')).toContain('proxmox-firewall')
  expect(await names('8.4')).not.toContain('proxmox-firewall')
})
