// Requests for things that do not exist, or cannot be created here (answers of Proxmox's own daemons).
import { afterAll, beforeAll, expect, test } from 'vitest'
import { absentEndpoints } from '../../src/api/absent.ts'
import { endpoints } from '../../src/api/endpoints.ts'
import { createSimulator, type Simulator } from '../../src/index.ts'
import { valueFormats } from '../../src/schema/formats.ts'
import { propertyFormats } from '../../src/schema/property-formats.ts'
import { methodRules } from '../../src/schema/rules.ts'
import { type Client, clientOf, ended } from '../support/client.ts'
import { expectSteps, step } from '../support/steps.ts'

let simulator: Simulator
let api: Client

beforeAll(async () => {
  simulator = await createSimulator({ version: '9.2' })
  api = clientOf(simulator)
})
afterAll(() => simulator.close())

const vm = '/nodes/pve/qemu/100'
const content = '/nodes/pve/storage/local/content'

test('uses the message of its family', async () => {
  await ended(api, await api('POST', '/nodes/pve/qemu', { vmid: 100, name: 'a', scsi0: 'local:1,format=qcow2' }))
  await ended(api, await api('POST', `${vm}/snapshot`, { snapname: 'one', description: 'why' }))
  await expectSteps(api, [
    step('GET /nodes/pve/lxc/101/config', {}, "Configuration file 'nodes/pve/lxc/101.conf' does not exist"),
    step('POST /nodes/pve/lxc/101/status/stop', {}, 'CT 101 not running'),
    step('GET /cluster/backup/x', {}, { id: "No such job 'x'" }),
    step(`GET ${vm}/firewall/rules/0`, {}, 'no rule at position 0'),
    step('GET /cluster/firewall/aliases/xy', {}, { name: 'no such alias' }),
    step('GET /cluster/sdn/zones/none', {}, "sdn 'none' does not exist"),
    step('GET /cluster/sdn/vnets/none', {}, "sdn vnet 'none' does not exist"),
    step('GET /cluster/backup-info/not-backed-up', {}, [{ vmid: 100, type: 'qemu', name: 'a' }]),
    step('GET /nodes/pve/services/none/state', {}, { service: expect.stringContaining('in the enumeration') }),
    step('GET /nodes/pve/disks/list', {}, expect.stringContaining('is not simulated')),
    step(`GET ${vm}/feature`, { feature: 'clone', snapname: 'none' }, "snapshot 'none' does not exist"),
    step(`GET ${vm}/feature`, { feature: 'copy', snapname: 'one' }, { hasFeature: 1 }),
    step(`GET ${vm}/config`, { snapshot: 'one' }, { description: 'why', scsi0: expect.stringContaining('size=1G') }),
    step(`GET ${vm}/config`, { snapshot: 'one', current: 1 }, { current: expect.any(String) }),
    step(
      `PUT ${vm}/config`,
      { hookscript: 'local:iso/x.iso' },
      { hookscript: expect.stringContaining('is not in the') },
    ),
    step(`PUT ${vm}/sendkey`, { key: 'a' }, 'VM 100 not running'),
    step(`POST ${vm}/agent`, { command: 'ping' }, 'No QEMU guest agent configured'),
    step(`POST ${vm}/config`, { cores: 1, background_delay: 20 }, null),
    step(`POST ${vm}/config`, { cores: 1, tags: 'a;b', lock: 'nope' }, { lock: expect.any(String) }),
    step('GET /nodes/pve/tasks', { limit: 0 }, []),
  ])
})

test('a task for a container finds out that there is none', async () => {
  const container = '/nodes/pve/lxc/101'
  await expectSteps(api, [
    step(`POST ${container}/status/suspend`, {}, 'CT 101 not running'),
    step(`POST ${container}/status/reboot`, {}, 'VM 101 not running'),
  ])
  for (const [method, path, parameters] of [
    ['POST', 'status/start', {}],
    ['POST', 'snapshot', { snapname: 'one' }],
    ['DELETE', 'snapshot/one', {}],
    ['POST', 'snapshot/one/rollback', {}],
  ] as const) {
    const { exitStatus } = await ended(api, await api(method, `${container}/${path}`, parameters))
    expect(exitStatus).toBe("Configuration file 'nodes/pve/lxc/101.conf' does not exist")
  }
})

test('on a storage, names and ids are checked before anything is created', async () => {
  await expectSteps(api, [
    step(`POST ${content}`, { vmid: 100, filename: 'x', size: '1G' }, "unable to parse volume filename 'x'"),
    step(
      `POST ${content}`,
      { vmid: 100, filename: 'x.raw', size: '1G', format: 'qcow2' },
      {
        format: 'different storage formats (qcow2 != raw)',
      },
    ),
    step(`POST ${content}`, { vmid: 100, filename: 'snap-x.qcow2', size: '1G' }, expect.stringContaining('a snapshot')),
    step(`GET ${content}/other:100%2Fx.raw`, {}, { volume: 'storage ID mismatch (other != local)\n' }),
    step(`PUT ${content}/local:100%2Fx.raw`, { notes: 'x' }, 'only backups can have notes'),
    step(`PUT ${content}/local:100%2Fx.raw`, { protected: 1 }, "only backups support attribute 'protected'"),
  ])
})

test.each(['8.4', '9.2'] as const)(
  'formats that the rules of %s lack belong to methods that are not simulated',
  (version) => {
    const simulated = new Set(
      endpoints
        .filter((endpoint) => !absentEndpoints.includes(endpoint))
        .map(({ method, path }) => `${method} ${path}`),
    )
    const unknown = methodRules(version)
      .filter(({ method, template }) => simulated.has(`${method} ${template}`))
      .flatMap(({ template, parameters }) =>
        Object.values(parameters).flatMap(({ format }) =>
          typeof format !== 'string' || propertyFormats[format] || valueFormats[format.replace(/-(list|opt)$/, '')]
            ? []
            : [`${template} ${format}`],
        ),
      )
    expect(unknown).toEqual([])
  },
)
