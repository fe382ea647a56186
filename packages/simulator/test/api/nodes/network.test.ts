// Network interfaces of a node, which wait until they are applied (pve-manager `API2/Network.pm`).
import { expect, test } from 'vitest'
import { createSimulator } from '../../../src/index.ts'
import { clientOf, ended } from '../../support/client.ts'
import { expectSteps, step } from '../../support/steps.ts'

const network = '/nodes/pve/network'

test('a bridge waits for the reload, and a revert forgets it', async () => {
  const simulator = await createSimulator()
  const api = clientOf(simulator)
  const bridge = { iface: 'vmbr7', type: 'bridge', cidr: '10.7.0.1/24', autostart: 1, comments: 'for tests' }
  await expectSteps(api, [
    step(`POST ${network}`, { ...bridge, bridge_vlan_aware: 1, bridge_vids: '2-50,60' }, null),
    step(`POST ${network}`, bridge, { iface: 'interface already exists' }),
    step(
      `GET ${network}/vmbr7`,
      {},
      {
        type: 'bridge',
        address: '10.7.0.1',
        netmask: '24',
        cidr: '10.7.0.1/24',
        method: 'static',
        method6: 'manual',
        families: ['inet'],
        autostart: 1,
        bridge_ports: '',
        bridge_stp: 'off',
        bridge_fd: '0',
        bridge_vlan_aware: 1,
        bridge_vids: '2-50 60',
        comments: 'for tests\n',
      },
    ),
  ])
  const waiting = await api('GET', network)
  await ended(api, await api('PUT', network))
  const applied = await api('GET', network)
  await expectSteps(api, [
    step(`PUT ${network}/vmbr7`, { type: 'bridge', mtu: 1450, delete: 'comments,cidr' }, null),
    step(`GET ${network}/vmbr7`, {}, { mtu: '1450', method: 'manual' }),
    step(`DELETE ${network}`, {}, null),
    step(`GET ${network}/vmbr7`, {}, { cidr: '10.7.0.1/24' }),
    step(`DELETE ${network}/vmbr7`, {}, null),
    step(`GET ${network}/vmbr7`, {}, { iface: 'interface does not exist' }),
  ])
  await simulator.close()
  expect(waiting.body.changes).toMatch(/^--- \/etc\/network\/interfaces\t.*\n\+\+\+ .*\n@@ .*\n/)
  expect(waiting.body.changes).toContain('+iface vmbr7 inet static\n')
  expect(applied.body.changes).toBeUndefined()
  expect(applied.data).toContainEqual(expect.objectContaining({ iface: 'vmbr7', active: 1 }))
})

test('bonds, VLANs and aliases are checked with their parents', async () => {
  const simulator = await createSimulator()
  const vlan = { iface: 'bond0.30', type: 'vlan', cidr6: 'fd00::1/64' }
  await expectSteps(clientOf(simulator), [
    step(
      `POST ${network}`,
      { iface: 'bond0', type: 'bond', slaves: 'eth8' },
      "bond 'bond0' - wrong interface type on slave 'eth8' ('' != 'eth or bond')",
    ),
    step(`POST ${network}`, vlan, "vlan 'bond0.30' - unable to find parent 'bond0'"),
    step(`POST ${network}`, { iface: 'bond0', type: 'bond', slaves: 'eth0', bond_mode: 'active-backup' }, null),
    step(`POST ${network}`, vlan, null),
    step(`GET ${network}/bond0`, {}, { slaves: 'eth0', bond_mode: 'active-backup', bond_miimon: '100' }),
    step(`GET ${network}/bond0.30`, {}, { 'vlan-id': '30', 'vlan-raw-device': 'bond0', cidr6: 'fd00::1/64' }),
    step(
      `POST ${network}`,
      { iface: 'vmbr9', type: 'bridge', bridge_ports: 'eth0' },
      { bridge_ports: "eth0 is already used on interface 'bond0'." },
    ),
    step(
      `POST ${network}`,
      { iface: 'vmbr9', type: 'bridge', bridge_ports: 'eth9' },
      "bridge 'vmbr9' - unable to find bridge port 'eth9'",
    ),
    step(
      `POST ${network}`,
      { iface: 'vmbr0.5', type: 'vlan', mtu: 9000 },
      "interface 'vmbr0' - mtu 1500 is lower than 'vmbr0.5' - mtu 9000",
    ),
    step(`POST ${network}`, { iface: 'vlan6', type: 'vlan', 'vlan-raw-device': 'vmbr0' }, null),
    step(`GET ${network}/vlan6`, {}, { type: 'vlan', 'vlan-id': '6' }),
  ])
  await simulator.close()
})

test('addresses and gateways are refused that a host cannot have', async () => {
  const simulator = await createSimulator()
  const add = (parameters: Record<string, unknown>, answer: Parameters<typeof step>[2]) =>
    step(`POST ${network}`, { iface: 'vmbr5', type: 'bridge', ...parameters }, answer)
  const wrong = (address: string, type: string) => ({
    address: `${address} with type '${type}', cannot be used as host IPv6 address.`,
  })
  await expectSteps(clientOf(simulator), [
    add({ address: '10.1.1.1' }, { netmask: "missing property required by 'address'" }),
    add(
      { cidr: '10.1.1.1/24', address: '10.1.1.1', netmask: '255.255.255.0' },
      { address: 'address conflicts with cidr' },
    ),
    add({ cidr6: 'ff02::1/64' }, wrong('ff02::1', 'MULTICAST')),
    add({ cidr6: '2001:db8::1/64' }, wrong('2001:db8::1', 'DOCUMENTATION')),
    add({ cidr6: 'fe80::1/64', gateway6: 'fe80::2' }, null),
    step(
      `POST ${network}`,
      { iface: 'vmbr6', type: 'bridge', gateway6: 'fe80::3' },
      { gateway6: "Default ipv6 gateway already exists on interface 'vmbr5'." },
    ),
    step(
      `POST ${network}`,
      { iface: 'vmbr6', type: 'OVSBridge' },
      "Open VSwitch is not installed (need package 'openvswitch-switch')",
    ),
  ])
  await simulator.close()
})
