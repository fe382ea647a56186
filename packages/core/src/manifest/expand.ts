// Names, counts and defaults worked out: from the checked document to one entry a machine.
import type { Address, CloudInit, Desired, Digest, Disk, Image, Machine, Network, Position, Wait } from './manifest.ts'
import type { ManifestPath } from './read-yaml.ts'
import { type DefaultsDocument, type MachineDocument, type ManifestDocument, sizeInBytes } from './schema.ts'

export interface Expansion {
  readonly desired: Desired
  readonly passwords: readonly string[]
}

type Place = (path: ManifestPath) => Position
type AddProblem = (path: ManifestPath, message: string) => void

/** Works out a checked manifest; what only shows across entries (unknown names, duplicates) is complained of here. */
export function expand(
  manifest: ManifestDocument,
  { place, addProblem }: { readonly place: Place; readonly addProblem: AddProblem },
): Expansion {
  const images = new Map(
    Object.entries(manifest.images).map(([name, image]) => [name, expandImage(name, image, place)]),
  )
  for (const [name, { checksum, signature }] of Object.entries(manifest.images)) {
    if (signature && (checksum === undefined || isDigest(checksum))) {
      const how = checksum === undefined ? 'has no `checksum`' : 'pins a digest'
      addProblem(
        ['images', name, 'signature'],
        `\`images.${name}\` ${how}: there is no checksum document to be signed.`,
      )
    }
  }
  const machines = Object.entries(manifest.vms).flatMap(([entry, machine]) =>
    expandEntry(entry, merge(manifest.defaults ?? {}, machine), { images, addProblem, place, own: machine }),
  )
  reportDuplicates(machines, addProblem)
  const { project, vmids, limits } = manifest
  const passwords = machines.flatMap(({ cloudInit }) => cloudInit?.password ?? [])
  return { desired: { project, images, machines, vmids, limits }, passwords: [...new Set(passwords)] }
}

function isDigest(checksum: string): boolean {
  return /^sha(256|512):/.test(checksum)
}

function expandImage(name: string, image: ManifestDocument['images'][string], place: Place): Image {
  const { url, mirrors, checksum, signature, format, convert, route } = image
  return {
    name,
    url: new URL(url),
    mirrors: mirrors.map((mirror) => new URL(mirror)),
    ...(checksum !== undefined && {
      checksum: isDigest(checksum) ? (checksum.toLowerCase() as Digest) : new URL(checksum),
    }),
    ...(signature && { signature: { keys: signature.keys, ...(signature.url && { url: new URL(signature.url) }) } }),
    ...(format && { format }),
    convert,
    route,
    position: place(['images', name]),
  }
}

/** Defaults under an entry's own words; mappings merge key by key, lists and scalars are replaced whole. */
function merge(defaults: DefaultsDocument, own: MachineDocument): MachineDocument {
  const both = { ...defaults, ...own }
  if (own.node !== undefined) delete both.nodes
  if (own.nodes !== undefined) delete both.node
  return {
    ...both,
    ...mergedMapping('storage', defaults, own),
    ...mergedMapping('cloudInit', defaults, own),
    ...mergedMapping('startOrder', defaults, own),
  }
}

function mergedMapping<Key extends 'storage' | 'cloudInit' | 'startOrder'>(
  key: Key,
  defaults: DefaultsDocument,
  own: MachineDocument,
) {
  return defaults[key] && own[key] ? { [key]: { ...defaults[key], ...own[key] } } : {}
}

interface EntryContext {
  readonly images: ReadonlyMap<string, Image>
  readonly addProblem: AddProblem
  readonly place: Place
  readonly own: MachineDocument
}

function expandEntry(
  entry: string,
  merged: MachineDocument,
  { images, addProblem, place, own }: EntryContext,
): Machine[] {
  const path = ['vms', entry]
  const { image, storage } = merged
  const nodes = merged.node === undefined ? (merged.nodes ?? []) : [merged.node]
  if (image === undefined) addProblem(path, `\`${path.join('.')}\` has no \`image\`, and neither have the defaults.`)
  else if (!images.has(image))
    addProblem(own.image === undefined ? path : [...path, 'image'], unknownImage(image, images))
  if (nodes.length === 0)
    addProblem(path, `\`${path.join('.')}\` has no \`node\` or \`nodes\`, and neither have the defaults.`)
  if (!storage?.images)
    addProblem(path, `\`${path.join('.')}\` has no \`storage.images\`, and neither have the defaults.`)
  if (!storage?.disks)
    addProblem(path, `\`${path.join('.')}\` has no \`storage.disks\`, and neither have the defaults.`)
  if (merged.vmid !== undefined && (merged.count ?? 1) > 1)
    addProblem([...path, 'vmid'], `\`${path.join('.')}.vmid\` fits one machine, but \`count\` is ${merged.count}.`)
  if (image === undefined || nodes.length === 0 || !storage?.images || !storage.disks) return []
  checkAddresses(path, merged, addProblem)
  checkBalloon(path, merged, addProblem)
  const names =
    merged.count === undefined ? [entry] : Array.from({ length: merged.count }, (_, index) => `${entry}-${index + 1}`)
  const shared = {
    ...machineOf(merged),
    entry,
    image,
    nodes: nodes as [string, ...string[]],
    storage: { images: storage.images, disks: storage.disks },
    position: place(path),
  }
  return names.map((name) => ({ name, ...shared }))
}

function unknownImage(image: string, images: ReadonlyMap<string, Image>): string {
  const known = [...images.keys()]
  const list = known.length === 0 ? '`images` is empty' : `known are ${known.map((name) => `\`${name}\``).join(', ')}`
  return `There is no image \`${image}\`: ${list}.`
}

function checkAddresses(path: ManifestPath, { cloudInit, count = 1 }: MachineDocument, addProblem: AddProblem): void {
  if (cloudInit === undefined) return
  if (cloudInit.addresses && (cloudInit.ip || cloudInit.ip6)) {
    addProblem(
      [...path, 'cloudInit'],
      `\`${path.join('.')}.cloudInit\` has both \`addresses\` and \`ip\` or \`ip6\`: give one of them.`,
    )
  }
  const fixed = addressesOf(cloudInit).some(({ ip, ip6 }) => ip?.includes('/') || ip6?.includes('/'))
  if (fixed && count > 1)
    addProblem(
      [...path, 'cloudInit'],
      `\`${path.join('.')}\` would give the same address to ${count} machines: say \`ip: dhcp\`, or give each an entry of its own.`,
    )
}

/** As Proxmox refuses it; where only one of the two is stated, the plan holds it against the machine's own. */
function checkBalloon(path: ManifestPath, { memory, balloon }: MachineDocument, addProblem: AddProblem): void {
  if (memory === undefined || typeof balloon !== 'string' || sizeInBytes(balloon) <= sizeInBytes(memory)) return
  addProblem(
    [...path, 'balloon'],
    `\`${path.join('.')}.balloon\` is ${balloon}, which is more than its memory of ${memory}.`,
  )
}

function machineOf(
  merged: MachineDocument,
): Omit<Machine, 'name' | 'entry' | 'image' | 'nodes' | 'storage' | 'position'> {
  const { vmid, cpu, machine, boot, pool, description, ha, startOrder, cloudInit } = merged
  return {
    ...(vmid !== undefined && { vmid }),
    cpu: {
      cores: merged.cores ?? 1,
      sockets: merged.sockets ?? 1,
      numa: merged.numa ?? false,
      ...(cpu && { type: cpu }),
    },
    memory: memoryOf(merged),
    disk: typeof merged.disk === 'string' ? { sizeBytes: sizeInBytes(merged.disk) } : diskOf(merged.disk ?? {}),
    disks: (merged.disks ?? []).map(diskOf),
    networks: networksOf(merged.network),
    firmware: { bios: merged.bios ?? 'seabios', secureBoot: merged.secureBoot ?? false, tpm: merged.tpm ?? false },
    ...(machine && { machineType: machine }),
    osType: merged.osType ?? 'l26',
    serial: merged.serial ?? true,
    agent: merged.agent ?? true,
    ...(boot && { bootOrder: boot }),
    onBoot: merged.onBoot ?? false,
    ...(startOrder && { startup: startupOf(startOrder) }),
    ...(pool && { pool }),
    ...(ha && { ha: ha === true ? {} : definedOnly(ha) }),
    tags: [...new Set((merged.tags ?? []).map((tag) => tag.toLowerCase()))].sort(),
    ...(description && { description: description.trim() }),
    protection: merged.protection ?? false,
    ...(cloudInit && { cloudInit: cloudInitOf(cloudInit) }),
    start: merged.start ?? false,
    wait: waitOf(merged.wait),
    fullClone: merged.fullClone ?? false,
    declared: declaredIn(merged),
  }
}

/** An object without its undefined values, as `exactOptionalPropertyTypes` wants it. */
function definedOnly<Value extends object>(value: Value): { [Key in keyof Value]: Exclude<Value[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as never
}

function memoryOf({ memory = '512 MiB', balloon }: MachineDocument): Machine['memory'] {
  const mebibytes = (text: string) => Math.round(sizeInBytes(text) / 1024 ** 2)
  const balloonMiB = balloon === false ? 0 : balloon === undefined ? undefined : mebibytes(balloon)
  return { memoryMiB: mebibytes(memory), ...(balloonMiB !== undefined && { balloonMiB }) }
}

function diskOf({ size, ...settings }: { size?: string | undefined } & Record<string, unknown>): Disk {
  return { ...(definedOnly(settings) as Omit<Disk, 'sizeBytes'>), ...(size && { sizeBytes: sizeInBytes(size) }) }
}

function networksOf(network: MachineDocument['network']): Network[] {
  const list = network === undefined ? [] : Array.isArray(network) ? network : [network]
  return list.map(({ rate, mac, ...rest }) => ({
    ...definedOnly(rest),
    ...(mac && { mac: mac.toUpperCase() }),
    ...(rate !== undefined && { rateMBps: rate }),
  }))
}

function startupOf({ order, up, down }: NonNullable<MachineDocument['startOrder']>): NonNullable<Machine['startup']> {
  return definedOnly({ order, upSeconds: up, downSeconds: down })
}

type CloudInitDocument = NonNullable<MachineDocument['cloudInit']>

function addressesOf({ addresses, ip, gateway, ip6, gateway6 }: CloudInitDocument): Address[] {
  if (addresses) return addresses.map(definedOnly)
  return ip || ip6 ? [definedOnly({ ip, gateway, ip6, gateway6 })] : []
}

/** Files have been put in place of `{ file }` before; what is left is text, and addresses of keys. */
function cloudInitOf(cloudInit: CloudInitDocument): CloudInit {
  const { user, password, sshKeys = [], dns, upgrade, userData, networkConfig, vendorData } = cloudInit
  const text = (value: CloudInitDocument['userData']) => (typeof value === 'string' ? value : undefined)
  return definedOnly({
    user,
    password,
    sshKeys: sshKeys.filter((key) => typeof key === 'string').map((key) => key.trim()),
    sshKeyUrls: sshKeys.flatMap((key) => (typeof key === 'object' && 'url' in key ? [new URL(key.url)] : [])),
    addresses: addressesOf(cloudInit),
    nameservers: dns?.servers ?? [],
    searchDomain: dns?.domain,
    upgrade,
    userData: text(userData),
    networkConfig: text(networkConfig),
    vendorData: text(vendorData),
  })
}

const DEFAULT_WAIT_SECONDS = 180

function waitOf(wait: MachineDocument['wait']): Wait {
  if (wait === undefined || wait === 'none') return { for: 'none' }
  if (wait === 'agent') return { for: 'agent', seconds: DEFAULT_WAIT_SECONDS }
  const seconds = wait.seconds ?? DEFAULT_WAIT_SECONDS
  return 'port' in wait ? { for: 'port', port: wait.port, seconds } : { for: 'agent', seconds }
}

/** `cores`, `network`, `cloudInit.user`: every key that the manifest states, two levels deep. */
function declaredIn(merged: MachineDocument): ReadonlySet<string> {
  return new Set(
    Object.entries(merged).flatMap(([key, value]) =>
      key === 'cloudInit' ? [key, ...Object.keys(value as object).map((inner) => `${key}.${inner}`)] : [key],
    ),
  )
}

function reportDuplicates(machines: readonly Machine[], addProblem: AddProblem): void {
  const names = new Map<string, Machine>()
  const vmids = new Map<number, Machine>()
  for (const machine of machines) {
    const duplicate = names.get(machine.name.toLowerCase())
    if (duplicate)
      addProblem(
        ['vms', machine.entry],
        `Two machines are called \`${machine.name}\`: one from \`vms.${duplicate.entry}\`, one from \`vms.${machine.entry}\`.`,
      )
    names.set(machine.name.toLowerCase(), machine)
    const sharer = machine.vmid === undefined ? undefined : vmids.get(machine.vmid)
    if (sharer)
      addProblem(
        ['vms', machine.entry, 'vmid'],
        `\`vms.${machine.entry}\` and \`vms.${sharer.entry}\` both ask for vmid ${machine.vmid}.`,
      )
    if (machine.vmid !== undefined) vmids.set(machine.vmid, machine)
  }
}
