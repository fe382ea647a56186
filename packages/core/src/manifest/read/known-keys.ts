// Which key was probably meant: the one that others call so, or the nearest that the schema knows in that place.
import { closestMatch } from 'leven'
import { type JsonSchema, keysOf, schemasAt } from './json-schema.ts'

/** What other tools, and people, call our keys. */
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
  datastore: ['disks', 'storage'],
  disk_size: ['disk'],
  hdd: ['disk'],
  volumes: ['disks'],
  nic: ['network'],
  nics: ['network'],
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

/** `cpus` → `cores`, `cuont` → `count`; nothing where no known key is near. `schema` is that of the whole document. */
export function meantKey(schema: JsonSchema, path: readonly PropertyKey[], key: string): string | undefined {
  const keys = keysOf(schemasAt(schema, path))
  const synonyms = SYNONYMS[key] ?? SYNONYMS[key.toLowerCase()] ?? []
  const plain = spelling(key)
  return (
    keys.find((known) => spelling(known) === plain) ??
    synonyms.find((word) => keys.includes(word)) ??
    closestMatch(key, keys, { maxDistance: Math.ceil(key.length / 3) })
  )
}

/** `cloud_init`, `cloud-init` and `CloudInit` are one word. */
function spelling(key: string): string {
  return key.toLowerCase().replace(/[-_\s]/g, '')
}
