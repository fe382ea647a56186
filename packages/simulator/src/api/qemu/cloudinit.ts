// What cloud-init will be told: pending values, and the documents themselves.
import { createHash } from 'node:crypto'
import { failure } from '../../errors.ts'
import { checkSnippets } from '../../guests/power.ts'
import type { Machine } from '../../state/machines.ts'
import { textOf } from '../../state/vm-config.ts'
import type { Call, Endpoint } from '../call.ts'

export const qemuCloudInitEndpoints: readonly Endpoint[] = [
  { path: '/nodes/{node}/qemu/{vmid}/cloudinit', method: 'GET', handle: showPending },
  {
    path: '/nodes/{node}/qemu/{vmid}/cloudinit',
    method: 'PUT',
    handle: (call) => {
      checkSnippets(call, call.world.machines.get(call.node, call.integer('vmid')))
      return null
    },
  },
  { path: '/nodes/{node}/qemu/{vmid}/cloudinit/dump', method: 'GET', handle: dump },
]

/** Addresses, name and networks are used as well, but not listed (`$cloudinitoptions` of qemu-server). */
const cloudInitKey = /^(?:cicustom|cipassword|citype|ciuser|ciupgrade|nameserver|searchdomain|sshkeys)$/

function showPending(call: Call): readonly Record<string, unknown>[] {
  const machine = call.world.machines.get(call.node, call.integer('vmid'))
  const keys = [...machine.config.values.keys()].filter((key) => cloudInitKey.test(key)).sort()
  return keys.map((key) => ({ key, value: key === 'cipassword' ? '**********' : machine.config.values.get(key) }))
}

function dump(call: Call): string {
  const machine = call.world.machines.get(call.node, call.integer('vmid'))
  const type = call.text('type')
  if (type === 'user') return userDocument(call, machine)
  if (type === 'network') return networkDocument(machine)
  if (type === 'meta') return metaDocument(machine)
  throw failure(`unknown type '${type}'`)
}

function userDocument(call: Call, machine: Machine): string {
  const name = textOf(machine.config, 'name') ?? `VM${machine.vmid}`
  const [host = name] = name.split('.')
  const domain = textOf(machine.config, 'searchdomain')
  const fullName = name.includes('.') || domain === undefined ? name : `${name}.${domain}`
  const user = textOf(machine.config, 'ciuser')
  const password = textOf(machine.config, 'cipassword')
  const keys = decodeURIComponent(textOf(machine.config, 'sshkeys') ?? '')
    .split('\n')
    .filter(Boolean)
  const mask = call.world.version !== '8.4' && !call.may(`/vms/${machine.vmid}`, 'VM.Config.Cloudinit')
  const lines = [
    '#cloud-config',
    `hostname: ${host}`,
    'manage_etc_hosts: true',
    `fqdn: ${fullName}`,
    ...(user === undefined ? [] : [`user: ${user}`]),
    ...(user === 'root' ? ['disable_root: False'] : []),
    ...(password === undefined ? [] : [`password: ${mask ? '**********' : password}`]),
    ...(keys.length === 0 ? [] : ['ssh_authorized_keys:', ...keys.map((key) => `  - ${key}`)]),
    'chpasswd:',
    '  expire: False',
    ...(user === undefined ? ['users:', '  - default'] : user === 'root' ? [] : ['users:', '  - default']),
    ...(textOf(machine.config, 'ciupgrade') === '0' ? [] : ['package_upgrade: true']),
  ]
  return `${lines.join('\n')}\n`
}

function networkDocument(machine: Machine): string {
  const lines = ['version: 1', 'config:']
  const networks = [...machine.config.values.keys()].filter((key) => /^net\d+$/.test(key)).sort()
  for (const [index, key] of networks.entries()) {
    const mac = /=([0-9A-F:]{17})/i.exec(textOf(machine.config, key) ?? '')?.[1]?.toLowerCase() ?? ''
    lines.push('    - type: physical', `      name: eth${index}`, `      mac_address: '${mac}'`, '      subnets:')
    lines.push(...subnetLines(textOf(machine.config, `ipconfig${key.slice(3)}`) ?? ''))
  }
  const servers = (textOf(machine.config, 'nameserver') ?? '').split(/\s+/).filter(Boolean)
  const domains = (textOf(machine.config, 'searchdomain') ?? '').split(/\s+/).filter(Boolean)
  lines.push('    - type: nameserver', '      address:', ...servers.map((server) => `      - '${server}'`))
  lines.push('      search:', ...domains.map((domain) => `      - '${domain}'`))
  return `${lines.join('\n')}\n`
}

function subnetLines(config: string): string[] {
  const ip = /(?:^|,)ip=([^,]+)/.exec(config)?.[1]
  const gateway = /(?:^|,)gw=([^,]+)/.exec(config)?.[1]
  if (ip === undefined) return []
  if (ip === 'dhcp') return ['      - type: dhcp4']
  const [address = '', bits = '24'] = ip.split('/')
  const lines = ['      - type: static', `        address: '${address}'`, `        netmask: '${netmask(Number(bits))}'`]
  return gateway === undefined ? lines : [...lines, `        gateway: '${gateway}'`]
}

function netmask(bits: number): string {
  const number = bits === 0 ? 0 : (0xffffffff << (32 - bits)) >>> 0
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.')
}

function metaDocument(machine: Machine): string {
  const id = createHash('sha1')
    .update([...machine.config.values].join())
    .digest('hex')
  return `instance-id: ${id}\n`
}
