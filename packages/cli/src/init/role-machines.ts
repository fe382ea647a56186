// `vms`, a list of machines in the role's words → machines in ours.
import type { Places } from './places.ts'
import {
  dnsNameOf,
  imageNameOf,
  isMapping,
  isUnreadable,
  type Mapping,
  sizeOf,
  textOf,
  wholeNumber,
  yesOrNo,
} from './role-values.ts'

interface Context {
  readonly images: readonly string[]
  readonly places: Places
  readonly notes: string[]
}

export function machinesFromRole(given: unknown, context: Context): Record<string, unknown> {
  const machines: Record<string, unknown> = {}
  for (const [index, vm] of listOf(given, context.notes).entries()) {
    const wanted = textOf(vm.name) || `vm-${index + 1}`
    const name = dnsNameOf(wanted)
    if (name !== wanted) context.notes.push(`vms.${wanted} is called ${name} here: Proxmox wants a DNS name.`)
    if (name in machines) context.notes.push(`vms.${name} is there twice: the first was left out.`)
    machines[name] = { image: imageOf(name, vm, context), ...carriedOver(name, vm, context) }
  }
  return machines
}

/** A list, or a mapping by name. */
function listOf(given: unknown, notes: string[]): readonly Mapping[] {
  const list = isMapping(given)
    ? Object.entries(given).map(([name, vm]) => ({ name, ...(isMapping(vm) ? vm : {}) }))
    : given
  if (list === undefined || list === null) return []
  if (Array.isArray(list)) return list.filter(isMapping)
  notes.push('vms is no list: it was left out.')
  return []
}

function imageOf(name: string, vm: Mapping, { images, notes }: Context): string {
  const [first = ''] = images
  const wanted = imageNameOf(textOf(vm.image ?? vm.distribution ?? vm.template ?? first))
  if (images.includes(wanted)) return wanted
  notes.push(`vms.${name}.image (${wanted || 'none'}) is not among the images: ${first || 'one'} stands there instead.`)
  return first || wanted
}

type Carry = (value: unknown, places: Places) => Mapping | undefined

/** Nothing where the value is not understood. */
function put<Value>(key: string, read: (value: unknown) => Value | undefined): Carry {
  return (value) => {
    const ours = read(value)
    return ours === undefined || ours === '' ? undefined : { [key]: ours }
  }
}

const KEYS: Readonly<Record<string, Carry>> = {
  vmid: put('vmid', wholeNumber),
  cores: put('cores', wholeNumber),
  sockets: put('sockets', wholeNumber),
  cpu: put('cpu', textOf),
  memory: put('memory', (value) => sizeOf(value, 'MiB')),
  balloon: put('balloon', (value) => sizeOf(value, 'MiB')),
  node: put('node', textOf),
  pool: put('pool', textOf),
  storage: (value, { imagesStorage }) => ({ storage: { images: imagesStorage, disks: textOf(value) } }),
  bridge: (value) => ({ network: { bridge: textOf(value) } }),
  disk_size: put('disk', (value) => sizeOf(value, 'GiB')),
  disk: put('disk', (value) => sizeOf(value, 'GiB')),
  agent: put('agent', yesOrNo),
  onboot: put('onBoot', yesOrNo),
  start: put('start', yesOrNo),
  protection: put('protection', yesOrNo),
  state: put('start', (value) => (value === 'present' || value === 'stopped' ? false : isRunning(value))),
  tags: put('tags', (value) => (Array.isArray(value) ? value.map(textOf) : textOf(value).split(/[;, ]+/))),
  description: put('description', textOf),
}

const CLOUD_INIT: Readonly<Record<string, Carry>> = {
  ciuser: put('user', textOf),
  sshkeys: put('sshKeys', (value) => (Array.isArray(value) ? value.map(textOf) : textOf(value).trim().split('\n'))),
  ip: put('ip', textOf),
  gateway: put('gateway', textOf),
}

function isRunning(value: unknown): true | undefined {
  return value === 'started' || value === 'running' || value === 'restarted' ? true : undefined
}

const ELSEWHERE = ['name', 'image', 'distribution', 'template']

function carriedOver(name: string, vm: Mapping, { places, notes }: Context): Mapping {
  const machine: Record<string, unknown> = {}
  const cloudInit: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(vm)) {
    if (ELSEWHERE.includes(key)) continue
    const [carry, into] = key in CLOUD_INIT ? [CLOUD_INIT[key], cloudInit] : [KEYS[key], machine]
    const ours = isUnreadable(value) ? undefined : carry?.(value, places)
    if (ours === undefined) notes.push(leftOut(name, key, value))
    else Object.assign(into, ours)
  }
  return { ...machine, ...(Object.keys(cloudInit).length > 0 && { cloudInit }) }
}

function leftOut(name: string, key: string, value: unknown): string {
  const where = `vms.${name}.${key}`
  if (key === 'cipassword') return `${where} was left out: give it as cloudInit.password: "\${secret:NAME}".`
  if (isUnreadable(value)) return `${where} was left out: only Ansible knows its value.`
  return key in KEYS || key in CLOUD_INIT
    ? `${where} was left out: ${textOf(value) || 'its value'} is not understood.`
    : `${where} was left out.`
}
