// HA resources, groups and rules, request by request, as servers of 9.2 and 8.4 answer them.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSimulator, type PveVersion, type Simulator } from '../../../src/index.ts'
import { type Client, clientOf, ended } from '../../support/client.ts'

const simulators = new Map<PveVersion, { simulator: Simulator; api: Client }>()

beforeAll(async () => {
  for (const version of ['9.2', '8.4'] as const) {
    const simulator = await createSimulator({ version, nodes: ['pve1', 'pve2'], latency: { haMs: 60_000 } })
    const api = clientOf(simulator)
    for (const vmid of [100, 101, 102]) await ended(api, await api('POST', '/nodes/pve1/qemu', { vmid }))
    simulators.set(version, { simulator, api })
  }
})
afterAll(async () => {
  for (const { simulator } of simulators.values()) await simulator.close()
})

type Step = readonly [method: string, path: string, parameters: Record<string, string | number>, expected: unknown]

/** Makes the requests in order. A step may use the answer of the one before it. */
async function play(version: PveVersion, steps: readonly Step[]): Promise<void> {
  const api = simulators.get(version)?.api
  if (api === undefined) throw new Error(`no simulator of ${version}`)
  for (const [method, path, parameters, expected] of steps) {
    const { status, reason, data, body } = await api(method, `/cluster/ha/${path}`, parameters)
    const got = status === 200 ? data : (body.errors ?? reason)
    const label = `${version} ${method} ${path} ${JSON.stringify(parameters)}`
    if (typeof expected === 'object' && expected !== null) expect(got, label).toMatchObject(expected)
    else expect(got, label).toBe(expected)
  }
}

const unknown = 'property is not defined in schema and the schema does not allow additional properties'

describe('resources', () => {
  test('of 9.2', () =>
    play('9.2', [
      ['POST', 'resources', { sid: 'vm:100', state: 'ignored', comment: 'hi' }, null],
      [
        'GET',
        'resources/100',
        {},
        {
          sid: 'vm:100',
          type: 'vm',
          state: 'ignored',
          comment: 'hi',
          digest: '90488c2e1c17fd9d2dfce6abe37e1a91c12eb1d1',
        },
      ],
      ['POST', 'resources', { sid: 'ct:100' }, "resource 'ct:100' - guest with ID 100 is not a container"],
      ['POST', 'resources', { sid: 'foo:1' }, "unknown section type 'foo'"],
      ['POST', 'resources', { sid: '999' }, 'unable to detect SID from VMID - VM/CT 999 does not exist'],
      ['POST', 'resources', { sid: 'vm:abc' }, 'invalid VMID'],
      ['POST', 'resources', { sid: 'vm:101', type: 'ct' }, 'types does not match'],
      [
        'POST',
        'resources',
        { sid: 'vm:101', group: 'gg' },
        "invalid parameter 'group': ha groups have been migrated to rules",
      ],
      ['PUT', 'resources/vm:100', { delete: 'foo' }, "update resources config failed: no such option 'foo'"],
      ['PUT', 'resources/vm:100', { delete: 'comment', max_relocate: 3 }, null],
      [
        'PUT',
        'resources/vm:100',
        { digest: 'abc', comment: 'x' },
        'update resources config failed: detected modified configuration - file changed by other user? Try again.',
      ],
      ['POST', 'resources/vm:100/migrate', { node: 'pve2' }, "resource 'vm:100' is not HA managed"],
      ['PUT', 'resources/vm:100', { state: 'enabled' }, null],
      ['POST', 'resources/vm:100/migrate', { node: 'nope' }, { sid: 'vm:100', 'requested-node': 'nope' }],
      [
        'GET',
        'status/current',
        {},
        [
          { type: 'quorum', status: 'OK', quorate: 1 },
          { type: 'fencing', 'armed-state': 'standby', status: 'standby (CRM watchdog standby)' },
          { sid: 'vm:100', state: 'queued', request_state: 'started', max_relocate: 3, max_restart: 1, failback: 1 },
        ],
      ],
      ['GET', 'status/manager_status', {}, { manager_status: { node_status: {} }, quorum: { quorate: '1' } }],
      ['DELETE', 'resources/vm:100', {}, null],
      ['DELETE', 'resources/vm:100', {}, "cannot delete service 'vm:100', not HA managed!"],
    ]))

  test('of 8.4', () =>
    play('8.4', [
      ['POST', 'resources', { sid: 'ct:100' }, null],
      ['POST', 'resources', { sid: '999' }, 'unable do detect SID from VMID - VM/CT 999 does not exist'],
      ['GET', 'status/current', {}, [{ type: 'quorum' }, { sid: 'ct:100' }]],
      ['DELETE', 'resources/ct:100', {}, null],
    ]))
})

test('groups of 8.4', () =>
  play('8.4', [
    ['POST', 'groups', { group: 'g1', nodes: 'pve1', comment: 'hey' }, null],
    [
      'GET',
      'groups/g1',
      {},
      { group: 'g1', type: 'group', nodes: 'pve1', digest: '6a2123f7a50b966a754337657fa147ad11154d14' },
    ],
    ['GET', 'groups/g2', {}, "no such ha group 'g2'"],
    ['POST', 'groups', { group: 'g1', nodes: 'pve1' }, "create ha group failed: ha group ID 'g1' already defined"],
    ['PUT', 'groups/g1', { delete: 'nodes' }, "update ha group failed: unable to delete required option 'nodes'"],
    ['PUT', 'groups/g2', { comment: 'x' }, "update ha group failed: no such ha group 'g2'"],
    ['POST', 'resources', { sid: 'vm:100', state: 'ignored' }, null],
    ['PUT', 'resources/vm:100', { group: 'g9' }, "HA group 'g9' does not exist"],
    ['PUT', 'resources/vm:100', { group: 'g1' }, null],
    ['DELETE', 'groups/g1', {}, "delete ha group failed: ha group is used by service 'vm:100'"],
    ['DELETE', 'groups/g2', {}, null],
    ['DELETE', 'resources/vm:100', {}, null],
    ['DELETE', 'groups/g1', {}, null],
  ]))

test('rules of 9.2', () =>
  play('9.2', [
    ...[100, 101, 102].map((id): Step => ['POST', 'resources', { sid: `vm:${id}`, state: 'ignored' }, null]),
    [
      'POST',
      'rules',
      { rule: 'rr', type: 'node-affinity', nodes: 'pve1' },
      { 'oneOf[node-affinity].resources': expect.any(String) },
    ],
    [
      'POST',
      'rules',
      { rule: 'rr', nodes: 'pve1' },
      { type: 'property is missing and it is not optional', nodes: unknown },
    ],
    [
      'POST',
      'rules',
      { rule: 'rr', type: 'resource-affinity', affinity: 'positive', resources: 'vm:100', nodes: 'pve1' },
      { nodes: unknown },
    ],
    ['POST', 'rules', { rule: 'r1', type: 'node-affinity', resources: 'vm:100', nodes: 'pve1:3', comment: 'c' }, null],
    ['GET', 'rules/r1', {}, { rule: 'r1', type: 'node-affinity', nodes: 'pve1:3', order: 1, comment: 'c' }],
    ['GET', 'rules/no', {}, "no such ha rule 'no'"],
    [
      'POST',
      'rules',
      { rule: 'r1', type: 'node-affinity', resources: 'vm:100', nodes: 'pve1' },
      "create ha rule failed: HA rule 'r1' already defined",
    ],
    [
      'POST',
      'rules',
      { rule: 'r2', type: 'resource-affinity', affinity: 'positive', resources: 'vm:100' },
      "create ha rule failed: 400 Rule 'r2' is invalid.",
    ],
    [
      'POST',
      'rules',
      { rule: 'r2', type: 'resource-affinity', affinity: 'positive', resources: 'vm:100,vm:101' },
      null,
    ],
    [
      'POST',
      'rules',
      { rule: 'r3', type: 'resource-affinity', affinity: 'negative', resources: 'vm:100,vm:101' },
      "create ha rule failed: 400 Rule 'r3' is invalid.",
    ],
    [
      'PUT',
      'rules/r1',
      { type: 'node-affinity', nodes: 'no' },
      'update HA rules failed: cannot use non-existent node(s) no.',
    ],
    [
      'PUT',
      'rules/r1',
      { type: 'node-affinity', delete: 'nodes' },
      "update HA rules failed: unable to delete required option 'nodes'",
    ],
    [
      'PUT',
      'rules/r1',
      { type: 'node-affinity', delete: 'comment', comment: 'x' },
      "update HA rules failed: cannot set and delete property 'comment' at the same time!",
    ],
    [
      'PUT',
      'rules/r1',
      { type: 'resource-affinity', comment: 'x' },
      "update HA rules failed: unexpected property 'type'",
    ],
    ['PUT', 'rules/r1', { type: 'node-affinity', strict: 1, disable: 1 }, null],
    ['GET', 'rules', { resource: 'vm:101' }, [{ rule: 'r2', order: 2 }]],
    ['GET', 'rules/r1', {}, { strict: 1, disable: 1 }],
    ['DELETE', 'resources/vm:100', { purge: 1 }, null],
    ['GET', 'rules', {}, [{ rule: 'r2', resources: 'vm:101' }]],
    ['DELETE', 'rules/no', {}, null],
  ]))
