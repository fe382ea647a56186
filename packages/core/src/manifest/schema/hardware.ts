// The schema of a machine's hardware: disks, network cards, devices, firmware details.
import * as z from 'zod/mini'
import {
  amount,
  anyText,
  counted,
  described,
  flag,
  isoVolume,
  key,
  macAddress,
  mappingName,
  oneOf,
  size,
  storageName,
  text,
  whole,
  withoutUnit,
} from './values.ts'

const diskLimits = z.strictObject({
  readMBps: key(amount(1, 100_000), { description: 'Read limit in MB/s.' }),
  writeMBps: key(amount(1, 100_000), { description: 'Write limit in MB/s.' }),
  readIops: key(whole(10, 2_000_000), { description: 'Read limit in operations per second.' }),
  writeIops: key(whole(10, 2_000_000), { description: 'Write limit in operations per second.' }),
})

const diskFields = {
  cache: key(oneOf(['none', 'writethrough', 'writeback', 'directsync', 'unsafe']), {
    description: 'Cache mode. Default: none.',
  }),
  discard: key(flag(), { description: 'Pass TRIM on to the storage, so that freed space is returned.' }),
  ssd: key(flag(), { description: 'Present the disk as an SSD.' }),
  ioThread: key(flag(), { description: 'Use an I/O thread of its own.' }),
  backup: key(flag(), { description: 'Include the disk in backups.' }),
  replicate: key(flag(), { description: 'Include the disk in replication.' }),
  aio: key(oneOf(['io_uring', 'native', 'threads']), { description: 'Asynchronous I/O mode of QEMU.' }),
  serial: key(text(/^[a-zA-Z0-9 _.-]{1,20}$/, 'must be up to 20 letters, digits, spaces, "_", "-" and "."'), {
    description:
      'Serial number that the guest sees, as in /dev/disk/by-id. A disk with a serial number is recognised by it, even if its place in the list changes.',
  }),
  limits: key(diskLimits, { description: 'Limits for reading and writing.' }),
}

const DISK_WANTED = 'must be a size such as "20 GiB", or a disk'
export const bootDisk = described(
  z.union([size('GiB'), z.strictObject({ size: z.optional(size('GiB')), ...diskFields })], {
    error: ({ input }) => withoutUnit(input, 'GiB') ?? DISK_WANTED,
  }),
  { description: 'Boot disk: a size, or settings. It can grow, never shrink.' },
)

export const extraDisk = z.strictObject({
  size: key(size('GiB'), { description: 'Size. Default: that of its `image`.' }),
  image: key(anyText('must be the name of an image'), {
    description: 'An entry of `images` to fill the disk with (not a template). Default: empty.',
  }),
  storage: key(storageName, { description: 'Storage. Default: `storage.disks` of the VM.' }),
  bus: key(oneOf(['scsi', 'virtio', 'sata']), { description: 'Bus. Default: scsi.' }),
  ...diskFields,
})

const MAC_WANTED = 'must be a unicast MAC address such as "BC:24:11:00:00:01", a list, or { from: ADDRESS }'
const VLAN_RANGE_WANTED = 'must be VLAN numbers such as 20, or a range such as "100-199"'
const vlanRange = z.union([whole(1, 4094), text(/^\d{1,4}-\d{1,4}$/, VLAN_RANGE_WANTED)], { error: VLAN_RANGE_WANTED })

export const network = described(
  z.strictObject({
    bridge: described(text(/^[a-zA-Z][a-zA-Z0-9_.-]*$/, 'must be the name of a bridge, such as "vmbr0"'), {
      description: 'Bridge or VNet.',
    }),
    model: described(z._default(oneOf(['virtio', 'e1000', 'e1000e', 'rtl8139', 'vmxnet3']), 'virtio'), {
      description: 'Model of the network card.',
    }),
    vlan: key(whole(1, 4094), { description: 'VLAN tag.' }),
    trunks: key(z.array(vlanRange), {
      description:
        'VLANs that reach the guest with their tags, such as [10, 20, "100-199"]. Needs a VLAN-aware bridge.',
    }),
    mac: key(counted(macAddress, MAC_WANTED), {
      description:
        'MAC address. Default: Proxmox generates one, and it stays. With `count`: a list, or { from: ADDRESS }.',
    }),
    firewall: key(flag(), { description: 'Enable the Proxmox firewall for this card.' }),
    rate: key(amount(0, 10_240), { description: 'Rate limit in MB/s.' }),
    mtu: key(whole(1, 65_520), { description: 'MTU. 1 uses the MTU of the bridge.' }),
    queues: key(whole(0, 64), { description: 'Packet queues (multiqueue), for guests with several cores.' }),
    linkDown: key(flag(), { description: 'Disconnect the card, as if its cable were unplugged.' }),
  }),
  { description: 'A network card.' },
)

const pciDevice = z.strictObject({
  pci: described(mappingName, { description: 'A PCI device, by the name of its resource mapping.' }),
  pcie: key(flag(), { description: 'Attach it as PCI Express, which needs `machine: q35`.' }),
  primaryGpu: key(flag(), { description: 'Use it as the primary display of the guest.' }),
  romBar: key(flag(), { description: "Show the device's ROM to the guest. Default: yes." }),
  mdev: key(text(/^[a-zA-Z0-9_.-]+$/, 'must be the type of a mediated device, such as "nvidia-259"'), {
    description: 'Type of a mediated device (vGPU).',
  }),
})
const usbDevice = z.strictObject({
  usb: described(mappingName, { description: 'A USB device, by the name of its resource mapping.' }),
  usb3: key(flag(), { description: 'Attach it as USB 3. Only old guests need this.' }),
})
const sharedFolder = z.strictObject({
  virtiofs: described(mappingName, { description: 'A directory of the node, by the name of its resource mapping.' }),
  cache: key(oneOf(['auto', 'always', 'metadata', 'never']), { description: 'Cache mode of the guest.' }),
  directIo: key(flag(), { description: 'Honour O_DIRECT of the guest.' }),
  xattr: key(flag(), { description: 'Enable extended attributes.' }),
  acl: key(flag(), { description: 'Enable POSIX ACLs, and with them extended attributes.' }),
})
export const device = z.union([pciDevice, usbDevice, sharedFolder], {
  error: 'must be { pci: MAPPING }, { usb: MAPPING } or { virtiofs: MAPPING }',
})

const VGA = [
  'std',
  'virtio',
  'virtio-gl',
  'qxl',
  'qxl2',
  'qxl3',
  'qxl4',
  'vmware',
  'cirrus',
  'serial0',
  'none',
] as const
const vgaType = oneOf(VGA)
export const vga = z.union(
  [
    vgaType,
    z.strictObject({
      type: described(vgaType, { description: 'Type of display.' }),
      memory: key(size('MiB'), { description: 'Memory of the display: 4 MiB to 512 MiB.' }),
    }),
  ],
  { error: `must be one of ${VGA.map((kind) => `\`${kind}\``).join(', ')}, or { type: …, memory: … }` },
)

export const rng = z.union(
  [
    flag(),
    z.strictObject({
      source: key(oneOf(['/dev/urandom', '/dev/random', '/dev/hwrng']), {
        description: 'Source on the node. Default: /dev/urandom.',
      }),
      maxBytes: key(whole(0, 1_000_000_000), { description: 'Bytes per period. 0 means no limit.' }),
      periodMs: key(whole(1, 3_600_000), { description: 'Length of a period in milliseconds.' }),
    }),
  ],
  { error: 'must be true, false, or settings such as { source: /dev/urandom }' },
)

export const watchdog = z.union(
  [
    flag(),
    z.strictObject({
      model: key(oneOf(['i6300esb', 'ib700']), { description: 'Watchdog device. Default: i6300esb.' }),
      action: key(oneOf(['reset', 'shutdown', 'poweroff', 'pause', 'debug', 'none']), {
        description: 'Action when the guest stops responding. Default: reset.',
      }),
    }),
  ],
  { error: 'must be true, false, or settings such as { action: reset }' },
)

const smbiosText = text(/^\P{Cc}{1,64}$/u, 'must be a string of up to 64 characters')
export const smbios = z.strictObject({
  serial: key(smbiosText, { description: 'Serial number.' }),
  manufacturer: key(smbiosText, { description: 'Manufacturer.' }),
  product: key(smbiosText, { description: 'Product name.' }),
  version: key(smbiosText, { description: 'Version.' }),
  sku: key(smbiosText, { description: 'SKU.' }),
  family: key(smbiosText, { description: 'Family.' }),
})

const CDROM_WANTED =
  'must be an ISO image on a storage, such as "local:iso/virtio-win.iso", { image: NAME }, or a list of up to 2'
const cdImage = z.strictObject({
  image: described(anyText('must be the name of an image'), {
    description:
      'An entry of `images` that is an ISO. It is downloaded and verified like other images, and kept on `storage.images`.',
  }),
})
const oneCdrom = z.union([isoVolume, cdImage], { error: CDROM_WANTED })
export const cdrom = z.union([oneCdrom, z.array(oneCdrom).check(z.maxLength(2))], { error: CDROM_WANTED })
