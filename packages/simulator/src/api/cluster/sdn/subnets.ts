// SDN subnets (pve-network `API2/Network/SDN/Subnets.pm`).
import { BlockList } from 'node:net'
import { badParameters, failure } from '../../../errors.ts'
import type { Section } from '../../../state/section-file.ts'
import { type Call, type Endpoint, itemEndpoints } from '../../call.ts'
import { changeSettings, checkFileDigest, kindOf, typedSettings, wantedSettings } from '../../sections.ts'
import {
  audit,
  changeSdn,
  files,
  type Named,
  noRunning,
  type Row,
  requireVnet,
  row,
  subnetsOf,
  vnetRoot,
  zoneOf,
} from './common.ts'

const subnetRoot = `${vnetRoot}/{vnet}/subnets`
const subnetKind = kindOf('vnet', 'gateway snat dnszoneprefix dhcp-range dhcp-dns-server')

export const subnetEndpoints: readonly Endpoint[] = [
  ...itemEndpoints(subnetRoot, `${subnetRoot}/{subnet}`, {
    list: listSubnets,
    create: createSubnet,
    show: showSubnet,
    update: updateSubnet,
    remove: removeSubnet,
  }),
]

function subnetRow(call: Call, [subnet, section]: Named): Row {
  const [, zone = '', network = '', mask = ''] = /^(.+?)-(.+)-(\d+)$/.exec(subnet) ?? []
  const { vnet, ...settings } = typedSettings(call, section.settings, ['POST', `${vnetRoot}/x/subnets`])
  const own = { ...settings, 'dhcp-range': rangesOf(section) }
  const plain = { subnet, id: subnet, type: 'subnet', digest: files(call).subnets.digest() }
  const place = { cidr: `${network}/${mask}`, network, mask, zone }
  return row(call, { ...plain, ...place }, { vnet, ...own })
}

/** Each range as an object. */
function rangesOf({ settings }: Section): readonly Row[] {
  return (settings.get('dhcp-range') ?? '')
    .split(' ')
    .filter(Boolean)
    .map((range) => Object.fromEntries(range.split(',').map((part) => part.split('='))) as Row)
}

function listSubnets(call: Call): readonly Row[] {
  const [vnet] = requireVnet(call, ...audit)
  return noRunning(call) ? [] : subnetsOf(call, vnet).map((entry) => subnetRow(call, entry))
}

function requireSubnet(call: Call): Named {
  const subnet = call.text('subnet')
  const section = files(call).subnets.sections.get(subnet)
  if (section === undefined) throw failure(`sdn subnet '${subnet}' does not exist`)
  return [subnet, section]
}

function showSubnet(call: Call): Row {
  const [vnet] = requireVnet(call, ...audit)
  const entry = requireSubnet(call)
  if (entry[1].settings.get('vnet') !== vnet) throw badParameters({ vnet: 'wrong vnet' })
  return subnetRow(call, entry)
}

function isInside(cidr: string, address: string): boolean {
  const [network = '', bits = ''] = cidr.split('/')
  const family = network.includes(':') ? 'ipv6' : 'ipv4'
  const list = new BlockList()
  list.addSubnet(network, Number(bits), family)
  return list.check(address, family)
}

function checkSubnet(call: Call, cidr: string, section: Section): void {
  const { settings } = section
  const vnet = files(call).vnets.sections.get(settings.get('vnet') ?? '')
  if (vnet?.settings.get('vlanaware') === '1') {
    throw badParameters({ vnet: "you can't add a subnet on a vlanaware vnet" })
  }
  const gateway = settings.get('gateway')
  if (gateway && !isInside(cidr, gateway) && !cidr.endsWith('/32')) {
    throw badParameters({ gateway: `${gateway} is not in subnet ${cidr}` })
  }
  for (const range of rangesOf(section)) {
    for (const key of ['start-address', 'end-address']) {
      if (isInside(cidr, String(range[key]))) continue
      throw badParameters({ 'dhcp-range': `${key} ${String(range[key])} is not in subnet ${cidr}` })
    }
  }
}

function createSubnet(call: Call): null {
  const [vnet, vnetSection] = requireVnet(call, 'SDN.Allocate')
  const cidr = call.text('subnet')
  const id = `${zoneOf(vnetSection)}-${cidr.replace('/', '-')}`
  return changeSdn(call, { file: 'subnets', doing: 'create subnet' }, () => {
    const settings = wantedSettings(call, subnetKind, { ids: ['subnet', 'type', 'lock-token'], creates: true })
    const { sections } = files(call).subnets
    if (sections.has(id)) throw failure(`sdn subnet object ID '${id}' already defined`)
    const section: Section = { type: 'subnet', settings: settings.set('vnet', vnet) }
    checkSubnet(call, cidr, section)
    sections.set(id, section)
  })
}

function updateSubnet(call: Call): null {
  requireVnet(call, 'SDN.Allocate')
  return changeSdn(call, { file: 'subnets', doing: 'update subnet' }, () => {
    const [subnet, section] = requireSubnet(call)
    checkFileDigest(call, files(call).subnets)
    const wanted = wantedSettings(call, subnetKind, { ids: ['subnet', 'lock-token'], creates: false })
    const next: Section = { type: 'subnet', settings: new Map(section.settings) }
    changeSettings(call, next, { kind: subnetKind, wanted })
    checkSubnet(call, /^.+?-(.+)-(\d+)$/.exec(subnet)?.slice(1).join('/') ?? '', next)
    files(call).subnets.sections.set(subnet, next)
  })
}

function removeSubnet(call: Call): null {
  requireVnet(call, 'SDN.Allocate')
  return changeSdn(call, { file: 'subnets', doing: 'delete subnet' }, () => {
    const [subnet] = requireSubnet(call)
    files(call).subnets.sections.delete(subnet)
  })
}
