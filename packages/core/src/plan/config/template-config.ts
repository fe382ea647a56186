// The config of a template, so that its clones need few changes: the image's disk, a cloud-init drive, a console.
import { OWNER_TAG } from '../../facts/cluster/marker.ts'
import { withBases } from '../../manifest/built-images.ts'
import type { Desired } from '../../manifest/manifest.ts'
import type { Config } from './wanted-config.ts'

/** Config keys of every template, except its disk and tags. */
export const TEMPLATE_CONFIG = {
  memory: 512,
  cores: 1,
  ostype: 'l26',
  scsihw: 'virtio-scsi-single',
  boot: 'order=scsi0',
  serial0: 'socket',
  vga: 'serial0',
  agent: 'enabled=1',
} as const satisfies Config

/** Returns the config of a new linked clone on this storage, as far as it is known beforehand. */
export function cloneConfig(storage: string): Config {
  return {
    ...TEMPLATE_CONFIG,
    tags: OWNER_TAG,
    scsi0: `${storage}:100/vm-100-disk-0`,
    ide2: `${storage}:100/vm-100-cloudinit,media=cdrom`,
  }
}

/**
 * Returns the pool of a template: that of the machines with its image, or with one that is built on it, if they are all
 * in one pool. Then a token that is limited to the pool can create and clone it.
 */
export function templatePool(image: string, { machines, images }: Desired): string | undefined {
  const users = machines.filter((machine) => withBases(machine.image, images).includes(image))
  const pools = new Set(users.map(({ pool }) => pool))
  const [pool] = pools
  return pools.size === 1 ? pool : undefined
}
