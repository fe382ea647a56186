// The firewall configuration, request by request, as a real server answers. Nothing is filtered.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSimulator, type Simulator } from '../../../src/index.ts'
import { type Client, clientOf, ended } from '../../support/client.ts'
import { expectSteps, step } from '../../support/steps.ts'

type Request = readonly [method: string, path: string, parameters: Parameters<typeof step>[1], expected: unknown]

const play = (client: Client, requests: readonly Request[]): Promise<void> =>
  expectSteps(
    client,
    requests.map(([method, path, parameters, expected]) => step(`${method} ${path}`, parameters, expected)),
  )

let simulator: Simulator
let api: Client

beforeAll(async () => {
  simulator = await createSimulator({ latency: 'instant' })
  api = clientOf(simulator)
  await ended(api, await api('POST', '/nodes/pve/qemu', { vmid: 100 }))
})
afterAll(() => simulator.close())

const cluster = '/cluster/firewall'
const guest = '/nodes/pve/qemu/100/firewall'

test('security groups have rules and are removed once they are empty', () =>
  play(api, [
    ['POST', `${cluster}/groups`, { group: 'web', comment: 'w' }, null],
    ['POST', `${cluster}/groups`, { group: 'web' }, { group: "Security group 'web' already exists" }],
    ['POST', `${cluster}/groups/web`, { type: 'in', action: 'ACCEPT', proto: 'tcp', dport: '80,443', enable: 1 }, null],
    [
      'POST',
      `${cluster}/groups/web`,
      { type: 'in', action: 'ACCEPT', dport: '80' },
      { proto: "missing property - 'dport' requires this property" },
    ],
    [
      'POST',
      `${cluster}/groups/web`,
      { type: 'group', action: 'web' },
      { type: "invalid rule type 'group' for rule_env 'group'" },
    ],
    ['GET', `${cluster}/groups/web`, {}, [{ pos: 0, type: 'in', action: 'ACCEPT', dport: '80,443', enable: 1 }]],
    ['DELETE', `${cluster}/groups/web`, {}, "Security group 'web' is not empty"],
    ['DELETE', `${cluster}/groups/web/1`, {}, 'no rule at position 1'],
    ['DELETE', `${cluster}/groups/web/0`, {}, null],
    ['DELETE', `${cluster}/groups/web`, {}, null],
    ['GET', `${cluster}/groups/web`, {}, "no such security group 'web'"],
  ]))

test('aliases are renamed, and taken names are refused', () =>
  play(api, [
    ['POST', `${cluster}/aliases`, { name: 'Srv', cidr: '10.0.0.0/24' }, null],
    ['POST', `${cluster}/aliases`, { name: 'sRV', cidr: '10.0.0.0/24' }, { name: "alias 'sRV' already exists" }],
    [
      'POST',
      `${cluster}/aliases`,
      { name: 'bad', cidr: '10.0.0.300' },
      { cidr: expect.stringContaining('IP address') },
    ],
    ['PUT', `${cluster}/aliases/srv`, { cidr: '10.0.1.7/32', rename: 'one' }, null],
    ['GET', `${cluster}/aliases`, {}, [{ name: 'one', cidr: '10.0.1.7', ipversion: 4 }]],
    ['GET', `${cluster}/aliases/srv`, {}, { name: 'no such alias' }],
    ['PUT', `${cluster}/aliases/one`, { cidr: '10.0.1.7', digest: 'x' }, expect.stringContaining('detected modified')],
    ['DELETE', `${cluster}/aliases/one`, {}, null],
    ['DELETE', `${cluster}/aliases/one`, {}, null],
  ]))

test('IP sets have networks, whose slash belongs to their name', () =>
  play(api, [
    ['POST', `${cluster}/ipset`, { name: 'block' }, null],
    ['POST', `${cluster}/ipset/block`, { cidr: '192.0.2.0/24', nomatch: 1 }, null],
    ['POST', `${cluster}/ipset/block`, { cidr: '192.0.2.0/24' }, { cidr: "address '192.0.2.0/24' already exists" }],
    ['POST', `${cluster}/ipset/block`, { cidr: '0.0.0.0/0' }, { cidr: expect.stringContaining('zero prefix') }],
    ['POST', `${cluster}/ipset/block`, { cidr: 'nobody' }, "no such alias 'nobody'"],
    ['GET', `${cluster}/ipset/block/192.0.2.0%2F24`, {}, { cidr: '192.0.2.0/24', nomatch: 1 }],
    ['PUT', `${cluster}/ipset/block/198.51.100.1`, { comment: 'x' }, { cidr: 'no such IP/Network' }],
    ['GET', `${guest}/refs`, {}, [{ type: 'ipset', name: 'block', ref: '+block', scope: 'dc' }]],
    ['DELETE', `${cluster}/ipset/block`, {}, "IPSet 'block' is not empty"],
    ['DELETE', `${cluster}/ipset/block/192.0.2.0%2F24`, {}, null],
    ['DELETE', `${cluster}/ipset/block`, {}, null],
    ['GET', `${cluster}/ipset/block`, {}, "no such IPSet 'block'"],
  ]))

describe('rules of a guest', () => {
  test('a new rule is first and disabled; a move puts it before another', () =>
    play(api, [
      ['POST', `${guest}/rules`, { type: 'out', action: 'ACCEPT', macro: 'ssh', enable: 1 }, null],
      ['POST', `${guest}/rules`, { type: 'in', action: 'DROP', source: '192.0.2.1', iface: 'net0', log: 'info' }, null],
      [
        'GET',
        `${guest}/rules`,
        {},
        [
          { pos: 0, type: 'in', enable: 0, ipversion: 4 },
          { pos: 1, macro: 'SSH', enable: 1 },
        ],
      ],
      ['PUT', `${guest}/rules/1`, { moveto: 0 }, null],
      ['GET', `${guest}/rules/0`, {}, { pos: '0', macro: 'SSH' }],
      ['PUT', `${guest}/rules/7`, { enable: 0 }, 'no rule at position 7'],
      ['PUT', `${guest}/rules/0`, { delete: 'action' }, { delete: "unable to delete required property 'action'" }],
      ['DELETE', `${guest}/rules/0`, {}, null],
    ]))

  test.each([
    [{ source: '1.2.3.4/40' }, { source: expect.stringContaining('Prefix length 40 is longer than IP address (32)') }],
    [{ macro: 'NoSuch' }, { macro: "unknown macro 'NoSuch'" }],
    [{ source: 'dc/none' }, { source: "no such alias 'dc/none'" }],
    [{ source: '+none' }, { source: "no such ipset 'none'" }],
    [{ source: '10.0.0.1', dest: '2001:db8::1' }, { dest: 'detected mixed ipv4/ipv6 addresses in rule' }],
    [{ proto: 'icmp', dport: '80', sport: '1' }, { sport: "protocol 'icmp' does not support ports" }],
    [{ proto: 'tcp', dport: '90:80' }, { dport: expect.stringContaining('backwards range') }],
    [{ macro: 'SSH', proto: 'udp' }, { proto: "parameter 'proto' already define in macro (value = 'tcp')" }],
    [{ iface: 'eth0' }, { iface: "value does not match the regex pattern 'net\\d+'" }],
  ])('refuses %j', (fields, expected) =>
    play(api, [['POST', `${guest}/rules`, { type: 'in', action: 'ACCEPT', ...fields }, expected]]),
  )
})

test('options are numbers where the schema says so', () =>
  play(api, [
    ['PUT', `${guest}/options`, { enable: 1, policy_in: 'REJECT' }, null],
    ['PUT', `${guest}/options`, { delete: 'nosuch' }, { delete: "no such option 'nosuch'" }],
    ['PUT', `${guest}/options`, { delete: 'enable,nosuch' }, { delete: "no such option 'nosuch'" }],
    ['GET', `${guest}/options`, {}, { enable: 1, policy_in: 'REJECT' }],
  ]))

test('a clone has the rules of its source, and a removed machine leaves none behind', async () => {
  await api('POST', `${guest}/rules`, { type: 'in', action: 'ACCEPT', comment: 'mine' })
  await ended(api, await api('POST', '/nodes/pve/qemu/100/clone', { newid: 101 }))
  await play(api, [['GET', '/nodes/pve/qemu/101/firewall/rules/0', {}, { comment: 'mine' }]])
  await ended(api, await api('DELETE', '/nodes/pve/qemu/101'))
  await play(api, [['GET', '/nodes/pve/qemu/101/firewall/rules/0', {}, 'no rule at position 0']])
})

test('without a configuration there is no list of rules to change', () =>
  play(api, [
    ['GET', '/nodes/pve/firewall/rules', {}, []],
    ['PUT', '/nodes/pve/firewall/rules/0', { enable: 1 }, expect.stringContaining('undefined value as an ARRAY')],
    ['DELETE', '/nodes/pve/firewall/rules/0', {}, expect.stringContaining('Rules.pm line 462')],
  ]))

test('the configuration is read again from its file', async () => {
  await api('POST', `${cluster}/rules`, { type: 'in', action: 'ACCEPT', proto: 'tcp', dport: '22', comment: 'kept' })
  const again = await createSimulator({ dataDirectory: simulator.dataDirectory })
  try {
    await play(clientOf(again), [['GET', `${cluster}/rules/0`, {}, { dport: '22', comment: 'kept', enable: 0 }]])
  } finally {
    await again.close()
  }
})
