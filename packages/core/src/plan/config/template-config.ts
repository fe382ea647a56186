// What a template's config holds, so that clones of it need little: the image's disk, a cloud-init drive, a console.
import { OWNER_TAG } from '../../facts/cluster/marker.ts'
import type { Desired } from '../../manifest/manifest.ts'
import type { Config } from './wanted-config.ts'

/** Config keys of every template, its disk and tags aside. */
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

/** The config of a fresh linked clone on this storage, as far as it is known beforehand. */
export function cloneConfig(storage: string): Config {
  return {
    ...TEMPLATE_CONFIG,
    tags: OWNER_TAG,
    scsi0: `${storage}:100/vm-100-disk-0`,
    ide2: `${storage}:100/vm-100-cloudinit,media=cdrom`,
  }
}

/**
 * The pool of a template: that of the machines made from its image, where all of them are in one. A token that is
 * confined to a pool can then make and clone it.
 */
export function templatePool(image: string, { machines }: Desired): string | undefined {
  const pools = new Set(machines.filter((machine) => machine.image === image).map(({ pool }) => pool))
  const [pool] = pools
  return pools.size === 1 ? pool : undefined
}
