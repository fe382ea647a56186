// When each key of the manifest takes effect on an existing machine, and what it does to the guest. The plan and
// docs/manifest.md are based on this table. It follows qemu-server (`$fast_plug_option`, `vmconfig_hotplug_pending`,
// Cloudinit.pm), as seen on 8.4 and 9.2.
import type { Impact, When } from './change.ts'

/**
 * `When`, and more. `create`: used only when the machine is created. `replace`: only a replacement gets it. `move`:
 * only `apply --move` applies it. `apply`: it controls how an apply works.
 */
export type Takes = When | 'create' | 'replace' | 'move' | 'apply'

export interface Effect {
  /** When it takes effect on a running machine. A stopped machine applies `restart` changes at once. */
  readonly takes: Takes
  /** Takes effect at once only if the machine's `hotplug` option includes this. */
  readonly hotplug?: 'network' | 'disk'
  readonly impact?: Impact
}

const NOW: Effect = { takes: 'now' }
const RESTART: Effect = { takes: 'restart' }
const NEW_INSTANCE: Effect = { takes: 'boot', impact: 'new-instance' }
const CREATE: Effect = { takes: 'create' }
const APPLY: Effect = { takes: 'apply' }
const REPLACE: Effect = { takes: 'replace' }
const MOVE: Effect = { takes: 'move' }
const CARD: Effect = { takes: 'now', hotplug: 'network' }
const DISK: Effect = { takes: 'now', hotplug: 'disk' }

/** By key of a machine. A nested key that is not listed has the effect of its parent. */
export const EFFECTS: Readonly<Record<string, Effect>> = {
  name: { takes: 'now', impact: 'new-instance' },
  renamedFrom: { takes: 'now', impact: 'new-instance' },
  profile: APPLY,
  count: APPLY,
  vmid: REPLACE,
  image: REPLACE,
  node: MOVE,
  nodes: MOVE,
  storage: MOVE,
  'storage.images': CREATE,
  fullClone: CREATE,
  cores: RESTART,
  sockets: RESTART,
  cpu: RESTART,
  cpuLimit: NOW,
  cpuUnits: NOW,
  numa: RESTART,
  memory: RESTART,
  balloon: NOW,
  bios: RESTART,
  secureBoot: CREATE,
  tpm: RESTART,
  machine: RESTART,
  osType: RESTART,
  serial: RESTART,
  vga: RESTART,
  rng: RESTART,
  watchdog: RESTART,
  smbios: RESTART,
  agent: RESTART,
  boot: RESTART,
  devices: RESTART,
  cdrom: NOW,
  // For a network card or disk that is added.
  network: CARD,
  'network.bridge': CARD,
  'network.vlan': CARD,
  'network.trunks': CARD,
  'network.firewall': CARD,
  'network.rate': CARD,
  'network.linkDown': CARD,
  // Proxmox would unplug the card, so the change is made to wait for a restart.
  'network.model': RESTART,
  'network.mac': RESTART,
  'network.mtu': RESTART,
  'network.queues': RESTART,
  disk: RESTART,
  'disk.size': NOW,
  'disk.backup': NOW,
  'disk.replicate': NOW,
  'disk.limits': NOW,
  disks: DISK,
  'disks.size': NOW,
  'disks.backup': NOW,
  'disks.replicate': NOW,
  'disks.limits': NOW,
  'disks.cache': RESTART,
  'disks.discard': RESTART,
  'disks.ssd': RESTART,
  'disks.ioThread': RESTART,
  'disks.aio': RESTART,
  'disks.serial': RESTART,
  'disks.bus': CREATE,
  'disks.image': CREATE,
  'disks.storage': MOVE,
  onBoot: NOW,
  startOrder: NOW,
  pool: NOW,
  ha: NOW,
  tags: NOW,
  description: NOW,
  protection: NOW,
  cloudInit: NEW_INSTANCE,
  start: NOW,
  wait: APPLY,
  rollout: APPLY,
  expires: NOW,
}

/** Returns the effect of a key such as `memory`, `network[0].mac` or `network.mac`. */
export function effectOf(key: string): Effect | undefined {
  const parts = key.replaceAll(/\[[^\]]*\]/g, '').split('.')
  for (let length = parts.length; length > 0; length -= 1) {
    const found = EFFECTS[parts.slice(0, length).join('.')]
    if (found !== undefined) return found
  }
  return undefined
}

/**
 * Returns true for a key that Proxmox stores at once without a pending entry, although the running process keeps the old
 * value: the serial number of a disk (qemu-server `vmconfig_update_disk` does not compare it).
 */
export function isUnlisted(key: string): boolean {
  return /^disks?(\[\d+\])?\.serial$/.test(key)
}

const WORDS: Readonly<Record<Takes, string>> = {
  now: 'at once',
  restart: 'at its next restart',
  boot: 'at its next boot',
  create: 'only at creation',
  replace: 'with `--replace`',
  move: 'with `--move`',
  apply: '',
}

const IMPACTS: Readonly<Record<Impact, string>> = {
  disconnects: 'the guest loses its connection',
  'new-instance': 'cloud-init runs as on a new machine',
  'data-loss': 'its data is lost',
  detached: 'the guest loses it, but its data is kept',
  'full-copy': 'it takes its full size',
  replaced: 'replaced by a new VM',
}

/**
 * Says when a key takes effect on a running machine, for the documentation. Empty for a key that controls how an apply
 * works.
 */
export function takesEffect(key: string): string | undefined {
  const effect = effectOf(key)
  if (effect === undefined) return undefined
  const { takes, impact } = effect
  // A new name reaches the guest through cloud-init.
  if (takes === 'now' && impact === 'new-instance') return 'at once; in the guest at its next boot'
  return impact === undefined ? WORDS[takes] : `${WORDS[takes]}; ${IMPACTS[impact]}`
}
