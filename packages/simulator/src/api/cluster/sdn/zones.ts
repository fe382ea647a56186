// SDN zones (pve-network `API2/Network/SDN/Zones.pm`).
import { badParameters, failure, notSimulated } from '../../../errors.ts'
import type { Section } from '../../../state/section-file.ts'
import { type Call, type Endpoint, itemEndpoints } from '../../call.ts'
import {
  changeSettings,
  checkFileDigest,
  kindOf,
  type SectionKind,
  typedSettings,
  wantedSettings,
} from '../../sections.ts'
import { audit, changeSdn, files, type Named, noRunning, type Row, row, zoneRoot } from './common.ts'

const common = 'nodes dns reversedns dnszone ipam mtu'
const zoneKinds: Readonly<Record<string, SectionKind>> = {
  simple: kindOf('', `${common} dhcp`),
  vlan: kindOf('bridge', `${common} bridge-disable-mac-learning`),
  qinq: kindOf('tag bridge', `${common} vlan-protocol`),
  vxlan: kindOf('', `${common} peers fabric vxlan-port`),
}

/** In 8.4, there are no fabrics. */
const vxlanOf8 = kindOf('peers', `${common} vxlan-port`)

export const zoneEndpoints: readonly Endpoint[] = [
  ...itemEndpoints(zoneRoot, `${zoneRoot}/{zone}`, {
    list: listZones,
    create: createZone,
    show: (call) => zoneRow(call, requireZone(call)),
    update: updateZone,
    remove: removeZone,
  }),
]

function zoneRow(call: Call, [zone, section]: Named): Row {
  const { type } = section
  const own = typedSettings(call, section.settings, ['POST', zoneRoot])
  return row(call, { zone, type, digest: files(call).zones.digest() }, own)
}

function requireZone(call: Call): Named {
  const zone = call.text('zone')
  const section = noRunning(call) ? undefined : files(call).zones.sections.get(zone)
  if (section === undefined) throw failure(`sdn '${zone}' does not exist`)
  return [zone, section]
}

function listZones(call: Call): readonly Row[] {
  if (noRunning(call)) return []
  const type = call.optional('type')
  return [...files(call).zones.sections]
    .filter(([zone, each]) => call.mayAny(`/sdn/zones/${zone}`, ...audit) && (type === undefined || each.type === type))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map((entry) => zoneRow(call, entry))
}

function zoneKind({ world }: Call, type: string): SectionKind {
  const kind = type === 'vxlan' && world.version === '8.4' ? vxlanOf8 : zoneKinds[type]
  if (kind === undefined) throw notSimulated(`an SDN zone of type ${type}`)
  return kind
}

/** There are no DNS servers, and no IPAM but Proxmox's own. */
function checkZone(settings: ReadonlyMap<string, string>): void {
  const [dns, reverse, ipam] = ['dns', 'reversedns', 'ipam'].map((key) => settings.get(key))
  if (dns) throw badParameters({ dns: `${dns} don't exist` })
  if (reverse) throw badParameters({ reversedns: `${reverse} don't exist` })
  if (settings.get('dnszone')) throw badParameters({ dnszone: 'missing dns server' })
  if (ipam && ipam !== 'pve') throw badParameters({ ipam: `${ipam} not existing` })
}

function createZone(call: Call): null {
  const [zone, type] = [call.text('zone'), call.text('type')]
  const settings = wantedSettings(call, zoneKind(call, type), { ids: ['zone', 'type', 'lock-token'], creates: true })
  return changeSdn(call, { file: 'zones', doing: 'create zone' }, () => {
    const { sections } = files(call).zones
    if (sections.has(zone)) throw failure(`sdn zone object ID '${zone}' already defined`)
    checkZone(settings)
    checkPeers(call, { type, settings })
    sections.set(zone, { type, settings })
  })
}

function updateZone(call: Call): null {
  return changeSdn(call, { file: 'zones', doing: 'update zone' }, () => {
    const { zones } = files(call)
    checkFileDigest(call, zones)
    const [zone, section] = requireZone(call)
    const kind = zoneKind(call, section.type)
    const wanted = wantedSettings(call, kind, { ids: ['zone', 'lock-token'], creates: false })
    checkZone(wanted)
    const changed = { type: section.type, settings: new Map(section.settings) }
    changeSettings(call, changed, { kind, wanted })
    checkPeers(call, changed)
    zones.sections.set(zone, changed)
  })
}

/** Throws if it is not clear how the nodes of a VXLAN zone reach each other. */
function checkPeers({ world }: Call, { type, settings }: Section): void {
  if (type !== 'vxlan' || world.version === '8.4') return
  if (Boolean(settings.get('peers')) !== Boolean(settings.get('fabric'))) return
  const text = 'must have exactly one of peers / fabric defined'
  throw badParameters({ fabric: text, peers: text })
}

function removeZone(call: Call): null {
  return changeSdn(call, { file: 'zones', doing: 'delete zone' }, () => {
    const [zone] = requireZone(call)
    const vnet = [...files(call).vnets.sections].find(([, { settings }]) => settings.get('zone') === zone)
    if (vnet !== undefined) {
      const line = call.world.version === '8.4' ? 159 : 149
      const place = `/usr/share/perl5/PVE/Network/SDN/Zones/Plugin.pm line ${line}`
      throw failure(`zone ${zone} is used by vnet ${vnet[0]} at ${place}.`)
    }
    files(call).zones.sections.delete(zone)
  })
}
