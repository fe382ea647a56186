// Suggests the key that was probably meant: a known synonym, or the most similar key that the schema allows in that
// place.
import { closestMatch } from 'leven'
import { type JsonSchema, keysOf, schemasAt, schemasBelow } from './json-schema.ts'

/** Names that other tools and people use for keys of the manifest. */
const SYNONYMS: Readonly<Record<string, readonly string[]>> = {
  cpus: ['cores'],
  cpu: ['cores'],
  vcpu: ['cores'],
  vcpus: ['cores'],
  core: ['cores'],
  ram: ['memory'],
  mem: ['memory'],
  maxmem: ['memory'],
  minmem: ['balloon'],
  socket: ['sockets'],
  hostname: ['name'],
  template: ['image'],
  os: ['image', 'osType'],
  ostype: ['osType'],
  distro: ['image'],
  host: ['node'],
  target: ['node'],
  target_node: ['node'],
  target_nodes: ['nodes'],
  pve_node: ['node'],
  datastore: ['disks', 'storage'],
  storage_pool: ['storage'],
  size: ['disk'],
  boot_order: ['boot'],
  bootdisk: ['boot'],
  cpu_type: ['cpu'],
  qemu_agent: ['agent'],
  guest_agent: ['agent'],
  gpu: ['devices'],
  usb: ['devices'],
  passthrough: ['devices'],
  pool_name: ['pool'],
  disk_size: ['disk'],
  hdd: ['disk'],
  volumes: ['disks'],
  nic: ['network'],
  nics: ['network'],
  net: ['network'],
  net0: ['network'],
  networks: ['network'],
  networking: ['network'],
  bios_type: ['bios'],
  firmware: ['bios'],
  uefi: ['bios'],
  onboot: ['onBoot'],
  autostart: ['onBoot'],
  start_on_boot: ['onBoot'],
  started: ['start'],
  state: ['start'],
  replicas: ['count'],
  instances: ['count'],
  id: ['vmid'],
  vm_id: ['vmid'],
  notes: ['description'],
  comment: ['description'],
  desc: ['description'],
  startup: ['startOrder'],
  ciuser: ['user'],
  username: ['user'],
  userdata: ['userData'],
  keys: ['sshKeys'],
  public_keys: ['sshKeys'],
  ip4: ['ip'],
  network_config: ['networkConfig'],
  vendor_data: ['vendorData'],
  package_upgrade: ['upgrade'],
  cipassword: ['password'],
  passwd: ['password'],
  sshkeys: ['sshKeys'],
  ssh_keys: ['sshKeys'],
  ssh_key: ['sshKeys'],
  sshKey: ['sshKeys'],
  ssh_authorized_keys: ['sshKeys'],
  authorized_keys: ['sshKeys'],
  address: ['ip'],
  ip_address: ['ip'],
  ipv4: ['ip'],
  ipconfig0: ['ip'],
  ipv6: ['ip6'],
  gw: ['gateway'],
  gateway4: ['gateway'],
  gw6: ['gateway6'],
  dns_servers: ['servers', 'dns'],
  dns_domain: ['domain', 'dns'],
  nameserver: ['servers', 'dns'],
  nameservers: ['servers', 'dns'],
  searchdomain: ['domain', 'dns'],
  search: ['domains'],
  searchdomains: ['domains'],
  user_data: ['userData'],
  cloud_init: ['cloudInit'],
  cloudinit: ['cloudInit'],
  cicustom: ['userData'],
  tag: ['vlan', 'tags'],
  vlan_id: ['vlan'],
  vlans: ['trunks'],
  multiqueue: ['queues'],
  vlan_tag: ['vlan'],
  macaddr: ['mac'],
  mac_address: ['mac'],
  hwaddr: ['mac'],
  link_down: ['linkDown'],
  iothread: ['ioThread'],
  hostpci: ['devices'],
  hostpci0: ['devices'],
  usb0: ['devices'],
  pci: ['devices'],
  iso: ['cdrom'],
  sha256: ['checksum'],
  sha512: ['checksum'],
  checksum_url: ['checksum'],
  src: ['url', 'file'],
  source: ['url'],
  path: ['file'],
  uri: ['url'],
  machines: ['vms'],
  vm: ['vms'],
  virtual_machines: ['vms'],
  servers: ['vms'],
  image: ['images'],
  default: ['defaults'],
  variables: ['vars'],
}

/** Mappings whose keys are often written one level too high, such as `user` for `cloudInit.user`. */
const DEEPER = ['cloudInit', 'network', 'cloudInit.dns', 'storage', 'disk', 'smbios', 'ha']

/**
 * `cpus` → `cores`, `cuont` → `count`, `ssh_keys` beside `cores` → `cloudInit.sshKeys`. Returns undefined if no known
 * key is similar.
 * @param schema of the whole document
 */
export function meantKey(schema: JsonSchema, path: readonly PropertyKey[], key: string): string | undefined {
  const keys = keysOf(schemasAt(schema, path))
  return exactKey(key, keys) ?? deeperKey(key, schemasAt(schema, path)) ?? nearestKey(key, keys)
}

/** Returns the key with the same spelling, or the key that other tools call so. */
function exactKey(key: string, keys: readonly string[]): string | undefined {
  const plain = spelling(key)
  const synonyms = SYNONYMS[key] ?? BY_SPELLING.get(plain) ?? []
  return keys.find((known) => spelling(known) === plain) ?? synonyms.find((word) => keys.includes(word))
}

function deeperKey(key: string, schemas: readonly JsonSchema[]): string | undefined {
  for (const place of DEEPER) {
    const below = place.split('.').reduce<readonly JsonSchema[]>(schemasBelow, schemas)
    const found = exactKey(key, keysOf(below))
    if (found !== undefined) return `${place}.${found}`
  }
  return undefined
}

/**
 * A typing error hardly changes the length, and short keys must start with the same letter: `gpu` does not mean `cpu`.
 */
function nearestKey(key: string, keys: readonly string[]): string | undefined {
  const near = closestMatch(key, keys, { maxDistance: Math.floor((key.length + 1) / 3) })
  return near !== undefined && (key.length > 3 || near.startsWith(key.charAt(0))) ? near : undefined
}

const BY_SPELLING = new Map(Object.entries(SYNONYMS).map(([key, words]) => [spelling(key), words]))

/** `cloud_init`, `cloud-init` and `CloudInit` count as the same. */
function spelling(key: string): string {
  return key.toLowerCase().replace(/[-_\s]/g, '')
}
