// Converts network cards, mapped devices, display, random number generator, watchdog and SMBIOS texts to manifest keys.
import { mappingOf } from '../config/device-config.ts'
import { parseNetworkCard, parseProperties, textOf } from '../config/property-string.ts'
import type { Config } from '../config/wanted-config.ts'
import {
  beyond,
  defined,
  flagOf,
  join,
  type Keys,
  NOTHING,
  numbered,
  numberOf,
  said,
  unsaid,
  type Written,
} from './written.ts'

const MODELS = ['virtio', 'e1000', 'e1000e', 'rtl8139', 'vmxnet3']
const CARD = new Set(['model', 'macaddr', 'bridge', 'tag', 'trunks', 'firewall', 'rate', 'mtu', 'queues', 'link_down'])

export function writeCards(config: Config): Written {
  const keys = numbered(config, /^net\d+$/)
  const cards = keys.map((key) => parseNetworkCard(config[key]))
  const odd =
    keys.some((key, index) => key !== `net${index}`) ||
    cards.some((card) => !card.has('bridge') || !MODELS.includes(card.get('model') ?? '') || hasMore(card))
  if (odd) return unsaid(`its network cards ${keys.join(', ')}`, ...keys)
  const written = cards.map((card) => {
    const is = (key: string) => card.get(key)
    return defined({
      bridge: is('bridge'),
      model: is('model') === 'virtio' ? undefined : is('model'),
      vlan: numberOf(is('tag')),
      trunks: is('trunks')
        ?.split(';')
        .map((range) => (/^\d+$/.test(range) ? Number(range) : range)),
      mac: is('macaddr'),
      firewall: flagOf(is('firewall')) === true ? true : undefined,
      rate: numberOf(is('rate')),
      mtu: numberOf(is('mtu')),
      queues: numberOf(is('queues')),
      linkDown: flagOf(is('link_down')) === true ? true : undefined,
    })
  })
  return said({ network: written.length === 1 ? written[0] : written }, ...keys)
}

/** Keys that a manifest does not have, or refuses: Proxmox keeps `queues` of every model, and only virtio has them. */
function hasMore(card: ReadonlyMap<string, string>): boolean {
  return [...card.keys()].some((key) => !CARD.has(key)) || (card.has('queues') && card.get('model') !== 'virtio')
}

const KINDS = [
  ['hostpci', 'pci', { pcie: 'pcie', primaryGpu: 'x-vga', romBar: 'rombar' }],
  ['usb', 'usb', { usb3: 'usb3' }],
  ['virtiofs', 'virtiofs', { directIo: 'direct-io', xattr: 'expose-xattr', acl: 'expose-acl' }],
] as const

export function writeDevices(config: Config): Written {
  const all = KINDS.flatMap(([slot, kind, flags]) =>
    numbered(config, new RegExp(`^${slot}\\d+$`)).map((key) => ({ key, kind, flags })),
  )
  const raw = all.filter(({ key, kind }) => mappingOf(kind, config[key]) === undefined)
  const mapped = all.filter((one) => !raw.includes(one))
  const devices = mapped.map(({ key, kind, flags }) => {
    const is = parseProperties(config[key], kind === 'virtiofs' ? 'dirid' : 'host')
    const set = Object.fromEntries(Object.entries(flags).map(([name, option]) => [name, flagOf(is.get(option))]))
    const words = kind === 'pci' ? { mdev: is.get('mdev') } : kind === 'virtiofs' ? { cache: is.get('cache') } : {}
    return defined({ [kind]: mappingOf(kind, config[key]), ...set, ...words })
  })
  return join([
    devices.length === 0 ? NOTHING : said({ devices }, ...mapped.map(({ key }) => key)),
    ...raw.map(({ key }) => unsaid(`the device ${key}, which is attached by its address`, key)),
  ])
}

/**
 * If the manifest declares a serial console, it becomes the display. So the display is declared as well if it differs.
 */
export function writeConsole(config: Config): Written {
  const { serial0, vga } = config
  const is = parseProperties(vga, 'type')
  const type = is.get('type') ?? 'std'
  const isPort = serial0 !== undefined && serial0 !== 'socket'
  const memory = is.get('memory')
  const display = memory === undefined ? type : { type, memory: `${memory} MiB` }
  const follows = memory === undefined && type === (serial0 === 'socket' ? 'serial0' : 'std')
  return join([
    isPort ? unsaid('the serial port serial0, which is a device of the node', 'serial0') : NOTHING,
    said(follows && !isPort ? {} : vga === undefined && isPort ? {} : { vga: display }, 'vga'),
    isPort ? NOTHING : said({ serial: serial0 === 'socket' }, 'serial0'),
    ...beyond('vga', vga, new Set(['first', 'type', 'memory'])).map((clause) => unsaid(clause)),
  ])
}

export function writeHelpers(config: Config): Written {
  const rng = parseProperties(config.rng0, 'source')
  const watchdog = parseProperties(config.watchdog, 'model')
  return join([
    config.rng0 === undefined
      ? NOTHING
      : said(
          {
            rng: defined({
              source: rng.get('source'),
              maxBytes: numberOf(rng.get('max_bytes')),
              periodMs: numberOf(rng.get('period')),
            }),
          },
          'rng0',
        ),
    config.watchdog === undefined
      ? NOTHING
      : said({ watchdog: defined({ model: watchdog.get('model'), action: watchdog.get('action') }) }, 'watchdog'),
    writeSmbios(config.smbios1),
  ])
}

const TEXTS = ['serial', 'manufacturer', 'product', 'version', 'sku', 'family']

/** The UUID is unique to the machine and is kept without being declared. */
function writeSmbios(value: unknown): Written {
  const is = parseProperties(value, 'uuid')
  const texts = TEXTS.filter((key) => is.has(key))
  if (texts.length === 0) return said({}, 'smbios1')
  const read: Keys = Object.fromEntries(texts.map((key) => [key, textIn(is.get(key) ?? '')]))
  const isSaid = is.get('base64') === '1' && Object.values(read).every((text) => text !== undefined)
  return isSaid ? said({ smbios: read }, 'smbios1') : unsaid(`${texts.join(', ')} of smbios1`, 'smbios1')
}

function textIn(base64: string): string | undefined {
  try {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

export function writeBoot(config: Config): Written {
  const order = parseProperties(config.boot, 'legacy').get('order')
  const start = parseProperties(config.startup, 'order')
  return join([
    config.boot === undefined || config.boot === ''
      ? NOTHING
      : order === undefined
        ? unsaid('its boot order, which has an old format', 'boot')
        : said({ boot: order.split(';').filter((device) => device !== '') }, 'boot'),
    config.startup === undefined
      ? NOTHING
      : said(
          {
            startOrder: defined({
              order: numberOf(start.get('order')),
              up: numberOf(start.get('up')),
              down: numberOf(start.get('down')),
            }),
          },
          'startup',
        ),
    said({ onBoot: flagOf(config.onboot) === true ? true : undefined }, 'onboot'),
    said({ protection: flagOf(config.protection) === true ? true : undefined }, 'protection'),
    writeAgent(textOf(config.agent)),
  ])
}

function writeAgent(agent: string): Written {
  const isOn = flagOf(parseProperties(agent, 'enabled').get('enabled')) === true
  return join([
    said({ agent: isOn }, 'agent'),
    ...beyond('agent', agent, new Set(['first', 'enabled'])).map((clause) => unsaid(clause)),
  ])
}
