// Converts a machine of a role or of the module proxmox_kvm to a machine of a manifest.
import { adviceFor, isConnection } from './advice.ts'
import {
  addressOf,
  agentOf,
  bootStorage,
  cardOf,
  type Drive,
  deviceOf,
  disksOf,
  driveOf,
  startOrderOf,
} from './proxmox-keys.ts'
import { lookupIn, variableIn } from './templates.ts'
import {
  decimal,
  isMapping,
  isUnreadable,
  known,
  type Mapping,
  sizeOf,
  textOf,
  wholeNumber,
  wordsOf,
  yesOrNo,
} from './values.ts'

/** A machine, or the defaults, while it is converted key by key. */
export interface Draft {
  readonly machine: Record<string, unknown>
  readonly cloudInit: Record<string, unknown>
  readonly cards: Map<number, Mapping>
  readonly addresses: Map<number, Mapping>
  readonly drives: Drive[]
}

type Put = (draft: Draft, value: unknown) => boolean

function into(part: 'machine' | 'cloudInit', key: string, read: (value: unknown) => unknown): Put {
  return (draft, value) => {
    const ours = read(value)
    if (ours === undefined || ours === '' || (Array.isArray(ours) && ours.length === 0)) return false
    draft[part][key] = ours
    return true
  }
}

const machine = (key: string, read: (value: unknown) => unknown) => into('machine', key, read)
const cloudInit = (key: string, read: (value: unknown) => unknown) => into('cloudInit', key, read)

/** Keys with the names that roles, modules and Proxmox use. */
const KEYS: Readonly<Record<string, Put>> = {
  vmid: machine('vmid', wholeNumber),
  newid: machine('vmid', wholeNumber),
  id: machine('vmid', wholeNumber),
  cores: machine('cores', wholeNumber),
  cpus: machine('cores', wholeNumber),
  vcpus: machine('cores', wholeNumber),
  sockets: machine('sockets', wholeNumber),
  cpu: machine('cpu', textOf),
  cpulimit: machine('cpuLimit', decimal),
  cpuunits: machine('cpuUnits', wholeNumber),
  numa_enabled: machine('numa', yesOrNo),
  numa: machine('numa', yesOrNo),
  memory: machine('memory', (value) => sizeOf(value, 'MiB')),
  ram: machine('memory', (value) => sizeOf(value, 'MiB')),
  balloon: machine('balloon', (value) => (textOf(value) === '0' ? false : sizeOf(value, 'MiB'))),
  node: machine('node', textOf),
  target: machine('node', textOf),
  target_node: machine('node', textOf),
  nodes: machine('nodes', wordsOf),
  pool: machine('pool', textOf),
  disk: machine('disk', (value) => sizeOf(value, 'GiB')),
  disk_size: machine('disk', (value) => sizeOf(value, 'GiB')),
  agent: machine('agent', agentOf),
  onboot: machine('onBoot', yesOrNo),
  start: machine('start', yesOrNo),
  started: machine('start', yesOrNo),
  protection: machine('protection', yesOrNo),
  bios: machine('bios', textOf),
  machine: machine('machine', textOf),
  ostype: machine('osType', textOf),
  startup: machine('startOrder', startOrderOf),
  full: machine('fullClone', yesOrNo),
  state: (draft, value) => {
    if (!/^(present|stopped|started|running|restarted|current|template)$/.test(textOf(value))) return false
    draft.machine.start = /^(started|running|restarted)$/.test(textOf(value))
    return true
  },
  tags: machine('tags', wordsOf),
  description: machine('description', textOf),
  notes: machine('description', textOf),
  storage: machine('storage', (value) => (textOf(value) === '' ? undefined : { disks: textOf(value) })),
  // A serial port is always present, so this key can be dropped.
  serial0: (_draft, value) => value === 'socket',
  vga: (draft, value) => {
    if (value !== 'serial0') draft.machine.vga = textOf(value).split(',')[0]
    return true
  },
  efidisk0: (draft) => {
    draft.machine.bios = 'ovmf'
    return true
  },
  tpmstate0: (draft) => {
    draft.machine.tpm = true
    return true
  },
  bridge: card('bridge', textOf),
  vlan: card('vlan', wholeNumber),
  vlan_id: card('vlan', wholeNumber),
  vlan_tag: card('vlan', wholeNumber),
  macaddr: card('mac', textOf),
  mac: card('mac', textOf),
  ciuser: cloudInit('user', textOf),
  user: cloudInit('user', textOf),
  ciupgrade: cloudInit('upgrade', yesOrNo),
  sshkeys: cloudInit('sshKeys', keysOf),
  ssh_keys: cloudInit('sshKeys', keysOf),
  sshkey: cloudInit('sshKeys', keysOf),
  ssh_key: cloudInit('sshKeys', keysOf),
  ssh_public_key: cloudInit('sshKeys', keysOf),
  ssh_public_keys: cloudInit('sshKeys', keysOf),
  ip: address('ip', textOf),
  ip_address: address('ip', textOf),
  gateway: address('gateway', textOf),
  gw: address('gateway', textOf),
  ip6: address('ip6', textOf),
  gateway6: address('gateway6', textOf),
  nameserver: dns('servers', wordsOf),
  nameservers: dns('servers', wordsOf),
  dns: dns('servers', wordsOf),
  dns_servers: dns('servers', wordsOf),
  searchdomain: dns('domain', domainOf),
  searchdomains: dns('domain', domainOf),
  domain: dns('domain', domainOf),
}

function card(key: string, read: (value: unknown) => unknown): Put {
  return (draft, value) => {
    const ours = read(value)
    if (ours === undefined || ours === '') return false
    draft.cards.set(0, { ...draft.cards.get(0), [key]: ours })
    return true
  }
}

function address(key: string, read: (value: unknown) => unknown): Put {
  return (draft, value) => {
    const ours = read(value)
    if (ours === undefined || ours === '') return false
    draft.addresses.set(0, { ...draft.addresses.get(0), [key]: ours })
    return true
  }
}

function dns(key: string, read: (value: unknown) => unknown): Put {
  return (draft, value) => {
    const ours = read(value)
    if (textOf(ours) === '' && !Array.isArray(ours)) return false
    draft.cloudInit.dns = { ...(draft.cloudInit.dns as Mapping | undefined), [key]: ours }
    return true
  }
}

function domainOf(value: unknown): string {
  return wordsOf(value).join(' ')
}

/** Converts keys as text, one on each line, or as a list. A file that Ansible would look up becomes a file name. */
function keysOf(value: unknown): readonly unknown[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : textOf(value).trim().split('\n')
  return list.flatMap((key): unknown[] => {
    const lookup = lookupIn(key)
    if (lookup !== undefined) return [lookup.kind === 'file' ? { file: lookup.name } : `\${env:${lookup.name}}`]
    const text = textOf(key).trim()
    if (text === '' || isUnreadable(text)) return []
    return [/^(~|\.{0,2}\/)\S+$/.test(text) ? { file: text } : text]
  })
}

/** Numbered keys of Proxmox, by their kind. */
const NUMBERED: readonly (readonly [RegExp, (draft: Draft, key: string, value: unknown) => boolean])[] = [
  [/^net\d+$/, (draft, key, value) => putAt(draft.cards, key, cardOf(value))],
  [/^ipconfig\d+$/, (draft, key, value) => putAt(draft.addresses, key, addressOf(value))],
  [
    /^(scsi|virtio|sata|ide)\d+$/,
    (draft, key, value) => {
      const drive = driveOf(key, value)
      if (drive) draft.drives.push(drive)
      return drive !== undefined
    },
  ],
  [/^hostpci\d+$/, (draft, _key, value) => addDevice(draft, deviceOf('pci', value))],
  [/^usb\d+$/, (draft, _key, value) => addDevice(draft, deviceOf('usb', value))],
]

function putAt(map: Map<number, Mapping>, key: string, value: Mapping | undefined): boolean {
  if (value !== undefined) map.set(Number(/\d+$/.exec(key)?.[0] ?? 0), value)
  return value !== undefined
}

function addDevice({ machine: ours }: Draft, device: Mapping | undefined): boolean {
  if (device === undefined) return false
  ours.devices = [...((ours.devices as readonly Mapping[] | undefined) ?? []), device]
  return true
}

export function emptyDraft(): Draft {
  return { machine: {}, cloudInit: {}, cards: new Map(), addresses: new Map(), drives: [] }
}

export interface Putting {
  /** The path of the machine for notes: `vms.web`. */
  readonly where: string
  readonly notes: string[]
}

/** Converts a key. If that is not possible, adds a note that says what to write instead. */
export function putKey(draft: Draft, [key, value]: readonly [string, unknown], { where, notes }: Putting): void {
  if (isGroup(key, value)) {
    for (const entry of Object.entries(value as Mapping)) putKey(draft, entry, { where, notes })
    return
  }
  const put = knownPut(key)
  const isKept = (put === undefined || isUnreadable(value)) && !isKeys(key) ? false : put?.(draft, value) === true
  if (!isKept) notes.push(leftOut(`${where}.${key}`, key, value))
}

/** `net: { net0: … }`, as the module writes it. */
function isGroup(key: string, value: unknown): boolean {
  return /^(net|ipconfig|scsi|virtio|sata|ide|serial|usb|hostpci)$/.test(key) && isMapping(value)
}

function isKeys(key: string): boolean {
  return key.startsWith('ssh')
}

/** Returns true if the key belongs to a machine. */
export function isMachineKey(key: string): boolean {
  return knownPut(key) !== undefined || isGroup(key, {})
}

function knownPut(key: string): Put | undefined {
  const numbered = NUMBERED.find(([form]) => form.test(key))?.[1]
  return KEYS[key] ?? (numbered && ((draft, value) => numbered(draft, key, value)))
}

function leftOut(where: string, key: string, value: unknown): string {
  if (isConnection(key)) return `${where} was left out: ${adviceFor(key)}.`
  const lookup = lookupIn(value)
  const secret = key === 'cipassword' ? (lookup?.name ?? variableIn(value)) : undefined
  if (secret !== undefined)
    return `${where} was left out: export ${secret.toUpperCase()}=…, and set cloudInit.password: "\${secret:${secret.toUpperCase()}}".`
  if (key === 'cipassword') return `${where} was left out: ${adviceFor(key)}.`
  if (lookup?.kind === 'env') return `${where} was left out: use "\${env:${lookup.name}}".`
  if (isUnreadable(value))
    return `${where} was left out: only Ansible knows its value; write the value, or use "\${env:NAME}".`
  if (knownPut(key) !== undefined && !/^(hostpci|usb)\d/.test(key))
    return `${where} was left out: ${textOf(value) || 'its value'} is not understood.`
  return `${where} was left out: ${adviceFor(key)}.`
}

/** Creates the machine from a draft, with its cards and addresses in order. */
export function machineOfDraft({ machine: ours, cloudInit: told, cards, addresses, drives }: Draft): Mapping {
  const storage = bootStorage(drives)
  const network = inOrder(cards)
  const ips = inOrder(addresses)
  const init = { ...told, ...(ips.length > 1 ? { addresses: ips } : ips[0]) }
  return {
    ...ours,
    ...disksOf(drives),
    ...(storage !== undefined && ours.storage === undefined && { storage: { disks: storage } }),
    ...(network.length > 0 && { network: network.length === 1 ? network[0] : network }),
    ...(known(init) && { cloudInit: init }),
  }
}

function inOrder(map: ReadonlyMap<number, Mapping>): readonly Mapping[] {
  return [...map].toSorted(([one], [other]) => one - other).map(([, value]) => value)
}
