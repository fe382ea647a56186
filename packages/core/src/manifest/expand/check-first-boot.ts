// Finds keys of `cloudInit` that have no effect or may be misunderstood.
import ipaddr from 'ipaddr.js'
import { contradictions } from '../documents/contradictions.ts'
import { documentKind } from '../documents/document-kind.ts'
import { isOpenHttp } from '../open-http.ts'
import { isBrokenHash, isPasswordHash, strangeHash } from '../password.ts'
import type { ManifestPath } from '../read/tree.ts'
import type { MachineDocument } from '../schema/manifest-schema.ts'
import { nobodysAddress } from './checks.ts'
import { valueAt } from './counted.ts'
import { type AddressDocument, addressDocuments, type CloudInitDocument, cloudInitOf } from './expand-cloud-init.ts'

type Add = (path: ManifestPath, message: string) => void

interface Entry {
  /** The entry with defaults and profiles. */
  readonly merged: MachineDocument
  /** The entry as written in the manifest. */
  readonly own: MachineDocument
  readonly addProblem: Add
  readonly addNote: Add
}

/** Checks the keys of `cloudInit` against each other, against the network cards, and against the user's documents. */
export function checkFirstBoot(path: ManifestPath, { merged, own, addProblem, addNote }: Entry): void {
  const { cloudInit, osType } = merged
  if (cloudInit === undefined) return
  const at = [...path, 'cloudInit']
  const add = (key: ManifestPath, message: string) =>
    addProblem([...at, ...key], `\`${dotted([...at, ...key])}\` ${message}`)
  checkGateways(cloudInit, own.cloudInit ?? {}, add)
  checkOnLink(cloudInit, own.cloudInit ?? {}, add)
  checkCards(merged, add)
  checkPassword(cloudInit, osType?.startsWith('win') === true, add)
  checkKeys(cloudInit, add)
  checkNetworkConfig(cloudInit, own.cloudInit ?? {}, add)
  checkBesideAddresses(cloudInit, own.cloudInit ?? {}, add)
  checkAsked(cloudInit, add)
  noteOtherReader(at, cloudInit, addNote)
  for (const { key, message } of contradictions(cloudInitOf(cloudInit, { name: '', index: 0 }))) {
    // A key that only the defaults state may be meant for other machines, so it is a note, not a problem.
    const tell = own.cloudInit?.[key] === undefined ? addNote : addProblem
    tell([...at, key], `In \`${dotted(at)}\`, ${message}`)
  }
}

function dotted(path: ManifestPath): string {
  return path.join('.')
}

/** A gateway needs a static address. A card that uses DHCP gets its gateway from there. */
function checkGateways(cloudInit: CloudInitDocument, own: Partial<CloudInitDocument>, add: Add): void {
  const places = cloudInit.addresses
    ? cloudInit.addresses.map((address, index) => ({ address, place: ['addresses', index], stated: address }))
    : [{ address: cloudInit, place: [], stated: own }]
  for (const { address, place, stated } of places)
    for (const [gateway, ip] of [
      ['gateway', 'ip'],
      ['gateway6', 'ip6'],
    ] as const) {
      const message = gatewayMessage(address, gateway, ip)
      // A gateway that only the defaults state is meant for machines with a static address.
      const isInherited = address[ip] !== undefined && stated[gateway] === undefined && stated[ip] !== undefined
      if (message !== undefined && !isInherited) add([...place, gateway], message)
    }
}

/** `onLink` has no effect without a gateway. */
function checkOnLink(cloudInit: CloudInitDocument, own: Partial<CloudInitDocument>, add: Add): void {
  const places = cloudInit.addresses
    ? cloudInit.addresses.map((address, index) => ({ address, place: ['addresses', index], stated: address }))
    : [{ address: cloudInit, place: [], stated: own }]
  for (const { address, place, stated } of places)
    if (stated.onLink === true && address.gateway === undefined && address.gateway6 === undefined)
      add([...place, 'onLink'], 'has no effect without `gateway` or `gateway6`.')
}

function gatewayMessage(
  address: AddressDocument,
  gatewayKey: 'gateway' | 'gateway6',
  ipKey: 'ip' | 'ip6',
): string | undefined {
  const [gateway, ip] = [address[gatewayKey], address[ipKey]]
  if (gateway === undefined) return undefined
  const kind = nobodysAddress(gateway)
  if (kind !== undefined) return `is ${gateway}, ${kind}.`
  if (ip === undefined) return `has no effect without \`${ipKey}\`.`
  if (ip === 'dhcp' || ip === 'auto')
    return `has no effect together with \`${ipKey}: ${ip}\`, which provides a gateway.`
  const first = valueAt(ip, 0, (value) => value)
  if (first === undefined) return undefined
  const end = endOfNetwork(gateway, first)
  if (end !== undefined) return `is ${gateway}, which is the ${end} of ${first}.`
  return address.onLink === true || !isAstray(gateway, first)
    ? undefined
    : `${gateway} is outside ${first}. If that is intended, set \`onLink: true\`.`
}

/** The first and the last address of an IPv4 network cannot be a gateway. */
function endOfNetwork(gateway: string, address: string): string | undefined {
  if (!ipaddr.IPv4.isIPv4(gateway) || ipaddr.parseCIDR(address)[1] > 30) return undefined
  if (ipaddr.IPv4.networkAddressFromCIDR(address).toString() === gateway) return 'network address'
  return ipaddr.IPv4.broadcastAddressFromCIDR(address).toString() === gateway ? 'broadcast address' : undefined
}

/** Returns true if the gateway is outside the prefix. With /32, /128 or a link-local gateway that is intended. */
function isAstray(gateway: string, address: string): boolean {
  const [way, [network, bits]] = [ipaddr.parse(gateway), ipaddr.parseCIDR(address)]
  if (way.kind() !== network.kind() || bits === (way.kind() === 'ipv4' ? 32 : 128)) return false
  if (way.kind() === 'ipv6' && way.range() === 'linkLocal') return false
  return !way.match(network, bits)
}

function checkCards({ cloudInit = {}, network }: MachineDocument, add: Add): void {
  if (network === undefined) return
  const cards = [network].flat().length
  const addresses = addressDocuments(cloudInit)
  if (addresses.length <= cards) return
  const have = cards === 0 ? 'no network card' : cards === 1 ? 'one network card' : `${cards} network cards`
  if (cloudInit.addresses) add(['addresses', cards], `has no effect: the machine has ${have} (\`network\`).`)
  else add([cloudInit.ip === undefined ? 'ip6' : 'ip'], `has no effect: the machine has ${have} (\`network\`).`)
}

function checkPassword({ password }: CloudInitDocument, isWindows: boolean, add: Add): void {
  if (password === undefined) return
  if (/[\r\n]/.test(password))
    add(
      ['password'],
      'has a line break, which cannot be typed at a login: remove it, also at the end of the variable or file.',
    )
  const kind = strangeHash(password)
  if (kind !== undefined)
    add(['password'], `is a hash of an unknown kind (\`${kind}\`). Create one with \`mkpasswd -m sha-512\`.`)
  if (isBrokenHash(password))
    add(['password'], 'begins like a hash but is not one: it may be truncated. Create one with `mkpasswd -m sha-512`.')
  if (isWindows && isPasswordHash(password)) add(['password'], 'is a hash, but Windows needs the password itself.')
}

/** SSH keys give access to the machine, so they must not come over plain http. */
function checkKeys({ sshKeys = [] }: CloudInitDocument, add: Add): void {
  for (const [index, key] of sshKeys.entries())
    if (typeof key === 'object' && 'url' in key && key.insecure !== true && isOpenHttp(new URL(key.url)))
      add(
        ['sshKeys', index, 'url'],
        'is plain http: anyone on the network could insert their own key. Use https, or set `insecure: true` beside it.',
      )
}

/** A machine that gets its address by DHCP has no address to fill into a document. */
function checkAsked(cloudInit: CloudInitDocument, add: Add): void {
  for (const key of ['userData', 'networkConfig', 'vendorData'] as const) {
    const document = cloudInit[key]
    const text = typeof document === 'object' && 'text' in document && document.fill === true ? document.text : ''
    for (const ip of ['ip', 'ip6'] as const) {
      const isFixed = addressDocuments(cloudInit).some(
        ({ [ip]: one }) => ![undefined, 'dhcp', 'auto'].includes(one as never),
      )
      if (text.includes(`\${machine:${ip}}`) && !isFixed)
        add([key], `has \`\${machine:${ip}}\`, but the machine has no fixed address: set \`${ip}\`.`)
    }
  }
}

const NETWORK_KEYS = ['addresses', 'ip', 'gateway', 'ip6', 'gateway6', 'dns'] as const

/** cloud-init reads only the user's network-config, so other network settings have no effect. */
function checkNetworkConfig(cloudInit: CloudInitDocument, own: Partial<CloudInitDocument>, add: Add): void {
  if (cloudInit.networkConfig === undefined) return
  const layer = own.networkConfig === undefined ? cloudInit : own
  const idle = NETWORK_KEYS.filter((key) => layer[key] !== undefined)
  for (const key of idle) add([key], 'has no effect together with `networkConfig`: write it there.')
}

const CARD_KEYS = ['gateway', 'gateway6', 'onLink'] as const

/** With `addresses`, each card has its own gateway. */
function checkBesideAddresses(cloudInit: CloudInitDocument, own: Partial<CloudInitDocument>, add: Add): void {
  if (cloudInit.addresses === undefined) return
  const layer = own.addresses === undefined ? cloudInit : own
  for (const key of CARD_KEYS)
    if (layer[key] !== undefined)
      add([key], 'has no effect together with `addresses`: write it there, with the address.')
}

const FOR_CLOUD_INIT = ['user', 'password', 'sshKeys', 'upgrade'] as const

/**
 * Other settings go into vendor-data then (`seed-documents.ts`). Ignition, Talos and cloudbase-init do not read that.
 */
function noteOtherReader(at: ManifestPath, cloudInit: CloudInitDocument, addNote: Add): void {
  const { userData } = cloudInitOf(cloudInit, { name: '', index: 0 })
  const kind = userData === undefined ? undefined : documentKind(userData)
  const idle = FOR_CLOUD_INIT.filter((key) => cloudInit[key] !== undefined).map((key) => `\`${key}\``)
  if (kind?.reader !== 'other' || idle.length === 0) return
  const list = idle.length === 1 ? idle[0] : `${idle.slice(0, -1).join(', ')} and ${idle.at(-1)}`
  addNote(
    [...at, 'userData'],
    `\`${dotted([...at, 'userData'])}\` is ${kind.name}, which cloud-init does not read. ${list} of \`cloudInit\` ${idle.length === 1 ? 'has' : 'have'} no effect unless the guest also runs cloud-init: write them to the document.`,
  )
}
