import { expect, test } from 'vitest'
import { readNetwork } from '../../../src/guests/inside/guest-network.ts'

const mac = 'bc:24:11:00:00:01'
const read = (text: string, isInterfaces = false) => readNetwork(text, { isInterfaces, macs: [mac] })

const versionOne = `version: 1
config:
  - type: physical
    name: eth0
    mac_address: 'BC:24:11:00:00:01'
    subnets:
      - { type: static, address: 10.0.0.5, netmask: 255.255.252.0, gateway: 10.0.0.1 }
      - { type: ipv6_slaac }
  - { type: nameserver, address: [1.1.1.1] }
`
const versionTwo = `network:
  version: 2
  ethernets:
    first:
      match: { macaddress: "BC:24:11:00:00:01" }
      set-name: lan
      dhcp6: true
      addresses: [10.0.0.5/22, { "fd00::5/64": { lifetime: 0 } }]
`
const debian = `auto lo
iface lo inet loopback

auto eth0
iface eth0 inet static
        address 10.0.0.5
        netmask 255.255.252.0
iface eth0 inet6 auto
`

test.each([
  ['version 1', versionOne, false, { name: 'eth0', ipv4: ['10.0.0.5/22'], ipv6: ['dhcp'] }],
  ['version 2', versionTwo, false, { name: 'lan', ipv4: ['10.0.0.5/22'], ipv6: ['dhcp', 'fd00::5/64'] }],
  ['Debian’s interfaces', debian, true, { name: 'eth0', ipv4: ['10.0.0.5/22'], ipv6: ['dhcp'] }],
])('%s gives the card of that address its addresses', (_, text, isInterfaces, card) => {
  expect(read(text, isInterfaces)).toEqual({ [mac]: card })
})

test.each([
  ['a document without cards', 'version: 1\nconfig: []\n', false],
  ['interfaces of other cards', 'iface eth7 inet dhcp\n', true],
])('%s configures none', (_, text, isInterfaces) => {
  expect(read(text, isInterfaces)).toEqual({})
})
