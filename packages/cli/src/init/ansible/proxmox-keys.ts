// Converts Proxmox's own keys (`net0`, `ipconfig0`, `scsi0`, …) to keys of the manifest.
import { decimal, known, type Mapping, propertiesOf, sizeOf, textOf, wholeNumber, yesOrNo } from './values.ts'

const MODELS = ['virtio', 'e1000', 'e1000e', 'rtl8139', 'vmxnet3']

/** `virtio=BC:…,bridge=vmbr0,tag=20` → a network card. */
export function cardOf(value: unknown): Mapping | undefined {
  const parts = propertiesOf(value, 'model')
  const model = MODELS.find((name) => name in parts) ?? parts.model
  const mac = parts.macaddr ?? (model === undefined ? undefined : parts[model])
  if (parts.bridge === undefined) return undefined
  return known({
    bridge: parts.bridge,
    model: model === 'virtio' || model === undefined || !MODELS.includes(model) ? undefined : model,
    vlan: wholeNumber(parts.tag),
    trunks: parts.trunks?.split(';').map((range) => wholeNumber(range) ?? range),
    mac: mac !== undefined && /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(mac) ? mac : undefined,
    firewall: yesOrNo(parts.firewall) === true ? true : undefined,
    rate: decimal(parts.rate),
    // For other models, Proxmox ignores it.
    mtu: model === 'virtio' || model === undefined ? wholeNumber(parts.mtu) : undefined,
    queues: wholeNumber(parts.queues),
    linkDown: yesOrNo(parts.link_down) === true ? true : undefined,
  })
}

/** `ip=10.0.0.5/24,gw=10.0.0.1` → an address. */
export function addressOf(value: unknown): Mapping | undefined {
  const { ip, gw, ip6, gw6 } = propertiesOf(value, 'ip')
  return known({ ip, gateway: ip === 'dhcp' ? undefined : gw, ip6, gateway6: gw6 })
}

/** A disk. Its order determines its position on the bus. */
export interface Drive {
  readonly bus: string
  readonly index: number
  readonly disk?: Mapping
  readonly storage?: string
  readonly iso?: string
}

/** `local-lvm:32,discard=on` → a disk of 32 GiB, or a CD with an ISO. Returns undefined for the cloud-init drive. */
export function driveOf(key: string, value: unknown): Drive | undefined {
  const [, bus = '', index = '0'] = /^(\D+)(\d+)$/.exec(key) ?? []
  const { file = '', size, media, ...options } = propertiesOf(value, 'file')
  const [storage = '', volume = ''] = file.split(':')
  if (/cloudinit/.test(file) || file === 'none') return { bus, index: Number(index) }
  if (media === 'cdrom' || volume.startsWith('iso/')) return { bus, index: Number(index), iso: file }
  const disk = known({
    size: sizeOf(size ?? volume, 'GiB'),
    cache: options.cache,
    discard: options.discard === undefined ? undefined : options.discard === 'on',
    ssd: yesOrNo(options.ssd),
    ioThread: yesOrNo(options.iothread),
    backup: yesOrNo(options.backup),
    replicate: yesOrNo(options.replicate),
    serial: options.serial,
  })
  return { bus, index: Number(index), ...(storage !== '' && { storage }), ...(disk && { disk }) }
}

/** Returns the disks of a machine. The first disk on the boot disk's bus is the boot disk, without its own storage. */
export function disksOf(drives: readonly Drive[]): Mapping {
  const buses = ['scsi', 'virtio', 'sata', 'ide']
  const order = ({ bus, index }: Drive) => buses.indexOf(bus) * 100 + index
  const [boot, ...others] = drives
    .filter(({ disk, storage }) => disk !== undefined || storage !== undefined)
    .toSorted((one, other) => order(one) - order(other))
  const isos = drives.flatMap(({ iso }) => iso ?? [])
  const disk = boot?.disk && Object.keys(boot.disk).length === 1 && boot.disk.size ? boot.disk.size : boot?.disk
  return {
    ...(disk !== undefined && { disk }),
    ...(others.length > 0 && {
      disks: others.map(({ disk: own, storage, bus }) => ({
        ...own,
        ...(storage !== undefined && storage !== boot?.storage && { storage }),
        ...(bus === 'virtio' || bus === 'sata' ? { bus } : {}),
      })),
    }),
    ...(isos.length > 0 && { cdrom: isos.length === 1 ? isos[0] : isos }),
  }
}

/** Returns the storage of the boot disk. */
export function bootStorage(drives: readonly Drive[]): string | undefined {
  return drives.find(({ disk, storage, iso }) => storage !== undefined && disk !== undefined && iso === undefined)
    ?.storage
}

/** `order=2,up=30` → a start order. */
export function startOrderOf(value: unknown): Mapping | undefined {
  const { order, up, down } = propertiesOf(value, 'order')
  return known({ order: wholeNumber(order), up: wholeNumber(up), down: wholeNumber(down) })
}

/** `mapping=gpu,pcie=1` → a device. Returns undefined for a raw address, which only root may use. */
export function deviceOf(kind: 'pci' | 'usb', value: unknown): Mapping | undefined {
  const parts = propertiesOf(value, 'host')
  if (parts.mapping === undefined) return undefined
  return known({ [kind]: parts.mapping, pcie: kind === 'pci' ? yesOrNo(parts.pcie) : undefined })
}

/** `1`, `enabled=1,fstrim_cloned_disks=1` → whether the guest agent is enabled. */
export function agentOf(value: unknown): boolean | undefined {
  return yesOrNo(propertiesOf(textOf(value), 'enabled').enabled)
}
