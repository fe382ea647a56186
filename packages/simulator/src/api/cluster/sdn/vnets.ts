// SDN VNets (pve-network `API2/Network/SDN/Vnets.pm`).
import { badParameters, failure } from '../../../errors.ts'
import type { Section } from '../../../state/section-file.ts'
import { type Call, type Endpoint, itemEndpoints } from '../../call.ts'
import {
  changeSettings,
  checkFileDigest,
  kindOf,
  lookupFailure,
  typedSettings,
  wantedSettings,
} from '../../sections.ts'
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

const vnetKind = kindOf('zone', 'tag alias vlanaware isolate-ports')

export const vnetEndpoints: readonly Endpoint[] = [
  ...itemEndpoints(vnetRoot, `${vnetRoot}/{vnet}`, {
    list: listVnets,
    create: createVnet,
    show: showVnet,
    update: updateVnet,
    remove: removeVnet,
  }),
]

/** Lines of `Vnets.pm` where a missing zone is met. */
const lines = { '8.4': { create: 232, update: 301 }, '9.2': { create: 326, update: 402 } } as const

function vnetRow(call: Call, [vnet, section]: Named): Row {
  const own = typedSettings(call, section.settings, ['POST', vnetRoot])
  return row(call, { vnet, type: 'vnet', digest: files(call).vnets.digest() }, own)
}

function listVnets(call: Call): readonly Row[] {
  if (noRunning(call)) return []
  return [...files(call).vnets.sections]
    .filter(([vnet, section]) => call.mayAny(`/sdn/zones/${zoneOf(section)}/${vnet}`, ...audit))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map((entry) => vnetRow(call, entry))
}

function showVnet(call: Call): Row {
  const entry = requireVnet(call, ...audit)
  if (noRunning(call)) throw failure(`sdn vnet '${entry[0]}' does not exist`)
  return vnetRow(call, entry)
}

/** Which tags and modes a VNet may have depends on the type of its zone. */
function checkVnet(
  call: Call,
  { vnet, verb }: { vnet: string; verb: 'create' | 'update' },
  settings: ReadonlyMap<string, string>,
): void {
  const zone = files(call).zones.sections.get(settings.get('zone') ?? '')
  const tag = settings.get('tag')
  const isVlanAware = settings.get('vlanaware') === '1'
  if (zone === undefined) throw lookupFailure(`PVE/API2/Network/SDN/Vnets.pm line ${lines[call.world.version][verb]}`)
  if (zone.type === 'simple') {
    if (tag) throw badParameters({ tag: 'vlan tag is not allowed on simple zone' })
    if (isVlanAware && subnetsOf(call, vnet).length > 0) {
      throw badParameters({ vlanaware: 'vlanaware vnet is not compatible with subnets' })
    }
    return
  }
  if (!tag) throw badParameters({ tag: zone.type === 'vxlan' ? 'missing vxlan tag' : 'missing vlan tag' })
  if (zone.type !== 'vxlan' && Number(tag) > 4096) throw badParameters({ tag: 'vlan tag max value is 4096' })
  const twin = [...files(call).vnets.sections].find(
    ([other, each]) => other !== vnet && zoneOf(each) === settings.get('zone') && each.settings.get('tag') === tag,
  )
  if (twin === undefined) return
  const where = `${tag} already exist in vnet ${twin[0]}`
  throw badParameters({
    tag: zone.type === 'vxlan' ? `vxlan tag ${where} in zone ${settings.get('zone')} ` : `tag ${where}`,
  })
}

function createVnet(call: Call): null {
  const vnet = call.text('vnet')
  return changeSdn(call, { file: 'vnets', doing: 'create vnet' }, () => {
    const settings = wantedSettings(call, vnetKind, { ids: ['vnet', 'type', 'lock-token'], creates: true })
    const { sections } = files(call).vnets
    if (sections.has(vnet)) throw failure(`sdn vnet object ID '${vnet}' already defined`)
    checkVnet(call, { vnet, verb: 'create' }, settings)
    sections.set(vnet, { type: 'vnet', settings })
  })
}

function updateVnet(call: Call): null {
  const [vnet, section] = requireVnet(call, 'SDN.Allocate')
  return changeSdn(call, { file: 'vnets', doing: 'update vnet' }, () => {
    checkFileDigest(call, files(call).vnets)
    const wanted = wantedSettings(call, vnetKind, { ids: ['vnet', 'lock-token'], creates: false })
    const next: Section = { type: 'vnet', settings: new Map(section.settings) }
    changeSettings(call, next, { kind: vnetKind, wanted })
    if (zoneOf(next) !== zoneOf(section) && subnetsOf(call, vnet).length > 0) {
      throw badParameters({ zone: "can't change zone if subnets exist" })
    }
    checkVnet(call, { vnet, verb: 'update' }, next.settings)
    files(call).vnets.sections.set(vnet, next)
  })
}

function removeVnet(call: Call): null {
  const [vnet] = requireVnet(call, 'SDN.Allocate')
  return changeSdn(call, { file: 'vnets', doing: 'delete vnet' }, () => {
    if (subnetsOf(call, vnet).length > 0) throw badParameters({ vnet: "Can't delete vnet if subnets exists" })
    files(call).vnets.sections.delete(vnet)
  })
}
