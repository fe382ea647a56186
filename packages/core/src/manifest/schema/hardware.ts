// The schema of a machine's hardware: disks, network cards, devices, firmware details.
import { z } from 'zod'
import {
  amount,
  anyText,
  counted,
  flag,
  isoVolume,
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
  readMBps: amount(1, 100_000).optional().meta({ description: 'Read limit in MB/s.' }),
  writeMBps: amount(1, 100_000).optional().meta({ description: 'Write limit in MB/s.' }),
  readIops: whole(10, 2_000_000).optional().meta({ description: 'Read limit in operations per second.' }),
  writeIops: whole(10, 2_000_000).optional().meta({ description: 'Write limit in operations per second.' }),
})

const diskFields = {
  cache: oneOf(['none', 'writethrough', 'writeback', 'directsync', 'unsafe'])
    .optional()
    .meta({ description: 'Cache mode. Default: none.' }),
  discard: flag().optional().meta({ description: 'Pass TRIM on to the storage, so that freed space is returned.' }),
  ssd: flag().optional().meta({ description: 'Present the disk as an SSD.' }),
  ioThread: flag().optional().meta({ description: 'Use an I/O thread of its own.' }),
  backup: flag().optional().meta({ description: 'Include the disk in backups.' }),
  replicate: flag().optional().meta({ description: 'Include the disk in replication.' }),
  aio: oneOf(['io_uring', 'native', 'threads']).optional().meta({ description: 'Asynchronous I/O mode of QEMU.' }),
  serial: text(/^[a-zA-Z0-9 _.-]{1,20}$/, 'must be up to 20 letters, digits, spaces, "_", "-" and "."')
    .optional()
    .meta({
      description:
        'Serial number that the guest sees, as in /dev/disk/by-id. A disk with a serial number is recognised by it, even if its place in the list changes.',
    }),
  limits: diskLimits.optional().meta({ description: 'Limits for reading and writing.' }),
}

const DISK_WANTED = 'must be a size such as "20 GiB", or a disk'
export const bootDisk = z
  .union([size('GiB'), z.strictObject({ size: size('GiB').optional(), ...diskFields })], {
    error: ({ input }) => withoutUnit(input, 'GiB') ?? DISK_WANTED,
  })
  .meta({ description: 'Boot disk: a size, or settings. It can grow, never shrink.' })

export const extraDisk = z.strictObject({
  size: size('GiB').optional().meta({ description: 'Size. Default: that of its `image`.' }),
  image: anyText('must be the name of an image').optional().meta({
    description: 'An entry of `images` to fill the disk with (not a template). Default: empty.',
  }),
  storage: storageName.optional().meta({ description: 'Storage. Default: `storage.disks` of the VM.' }),
  bus: oneOf(['scsi', 'virtio', 'sata']).optional().meta({ description: 'Bus. Default: scsi.' }),
  ...diskFields,
})

const MAC_WANTED = 'must be a unicast MAC address such as "BC:24:11:00:00:01", a list, or { from: ADDRESS }'
const VLAN_RANGE_WANTED = 'must be VLAN numbers such as 20, or a range such as "100-199"'
const vlanRange = z.union([whole(1, 4094), text(/^\d{1,4}-\d{1,4}$/, VLAN_RANGE_WANTED)], { error: VLAN_RANGE_WANTED })

export const network = z
  .strictObject({
    bridge: text(/^[a-zA-Z][a-zA-Z0-9_.-]*$/, 'must be the name of a bridge, such as "vmbr0"').meta({
      description: 'Bridge or VNet.',
    }),
    model: oneOf(['virtio', 'e1000', 'e1000e', 'rtl8139', 'vmxnet3'])
      .default('virtio')
      .meta({ description: 'Model of the network card.' }),
    vlan: whole(1, 4094).optional().meta({ description: 'VLAN tag.' }),
    trunks: z.array(vlanRange).optional().meta({
      description:
        'VLANs that reach the guest with their tags, such as [10, 20, "100-199"]. Needs a VLAN-aware bridge.',
    }),
    mac: counted(macAddress, MAC_WANTED).optional().meta({
      description:
        'MAC address. Default: Proxmox generates one, and it stays. With `count`: a list, or { from: ADDRESS }.',
    }),
    firewall: flag().optional().meta({ description: 'Enable the Proxmox firewall for this card.' }),
    rate: amount(0, 10_240).optional().meta({ description: 'Rate limit in MB/s.' }),
    mtu: whole(1, 65_520).optional().meta({ description: 'MTU. 1 uses the MTU of the bridge.' }),
    queues: whole(0, 64).optional().meta({ description: 'Packet queues (multiqueue), for guests with several cores.' }),
    linkDown: flag().optional().meta({ description: 'Disconnect the card, as if its cable were unplugged.' }),
  })
  .meta({ description: 'A network card.' })

const pciDevice = z.strictObject({
  pci: mappingName.meta({ description: 'A PCI device, by the name of its resource mapping.' }),
  pcie: flag().optional().meta({ description: 'Attach it as PCI Express, which needs `machine: q35`.' }),
  primaryGpu: flag().optional().meta({ description: 'Use it as the primary display of the guest.' }),
  romBar: flag().optional().meta({ description: "Show the device's ROM to the guest. Default: yes." }),
  mdev: text(/^[a-zA-Z0-9_.-]+$/, 'must be the type of a mediated device, such as "nvidia-259"')
    .optional()
    .meta({ description: 'Type of a mediated device (vGPU).' }),
})
const usbDevice = z.strictObject({
  usb: mappingName.meta({ description: 'A USB device, by the name of its resource mapping.' }),
  usb3: flag().optional().meta({ description: 'Attach it as USB 3. Only old guests need this.' }),
})
const sharedFolder = z.strictObject({
  virtiofs: mappingName.meta({ description: 'A directory of the node, by the name of its resource mapping.' }),
  cache: oneOf(['auto', 'always', 'metadata', 'never']).optional().meta({ description: 'Cache mode of the guest.' }),
  directIo: flag().optional().meta({ description: 'Honour O_DIRECT of the guest.' }),
  xattr: flag().optional().meta({ description: 'Enable extended attributes.' }),
  acl: flag().optional().meta({ description: 'Enable POSIX ACLs, and with them extended attributes.' }),
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
      type: vgaType.meta({ description: 'Type of display.' }),
      memory: size('MiB').optional().meta({ description: 'Memory of the display: 4 MiB to 512 MiB.' }),
    }),
  ],
  { error: `must be one of ${VGA.map((kind) => `\`${kind}\``).join(', ')}, or { type: …, memory: … }` },
)

export const rng = z.union(
  [
    flag(),
    z.strictObject({
      source: oneOf(['/dev/urandom', '/dev/random', '/dev/hwrng']).optional().meta({
        description: 'Source on the node. Default: /dev/urandom.',
      }),
      maxBytes: whole(0, 1_000_000_000).optional().meta({ description: 'Bytes per period. 0 means no limit.' }),
      periodMs: whole(1, 3_600_000).optional().meta({ description: 'Length of a period in milliseconds.' }),
    }),
  ],
  { error: 'must be true, false, or settings such as { source: /dev/urandom }' },
)

export const watchdog = z.union(
  [
    flag(),
    z.strictObject({
      model: oneOf(['i6300esb', 'ib700']).optional().meta({ description: 'Watchdog device. Default: i6300esb.' }),
      action: oneOf(['reset', 'shutdown', 'poweroff', 'pause', 'debug', 'none'])
        .optional()
        .meta({ description: 'Action when the guest stops responding. Default: reset.' }),
    }),
  ],
  { error: 'must be true, false, or settings such as { action: reset }' },
)

const smbiosText = text(/^\P{Cc}{1,64}$/u, 'must be a string of up to 64 characters')
export const smbios = z.strictObject({
  serial: smbiosText.optional().meta({ description: 'Serial number.' }),
  manufacturer: smbiosText.optional().meta({ description: 'Manufacturer.' }),
  product: smbiosText.optional().meta({ description: 'Product name.' }),
  version: smbiosText.optional().meta({ description: 'Version.' }),
  sku: smbiosText.optional().meta({ description: 'SKU.' }),
  family: smbiosText.optional().meta({ description: 'Family.' }),
})

const CDROM_WANTED =
  'must be an ISO image on a storage, such as "local:iso/virtio-win.iso", { image: NAME }, or a list of up to 2'
const cdImage = z.strictObject({
  image: anyText('must be the name of an image').meta({
    description:
      'An entry of `images` that is an ISO. It is downloaded and verified like other images, and kept on `storage.images`.',
  }),
})
const oneCdrom = z.union([isoVolume, cdImage], { error: CDROM_WANTED })
export const cdrom = z.union([oneCdrom, z.array(oneCdrom).max(2)], { error: CDROM_WANTED })
