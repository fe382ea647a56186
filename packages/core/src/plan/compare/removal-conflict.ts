// Finds disks that cannot be detached: boot devices, disks of a protected VM, and ambiguous removals.
import { ProvisionError } from '../../errors.ts'
import type { GuestFacts } from '../../facts/facts.ts'
import { BOOT_DISK, diskKeys, serialOfDrive } from '../../manifest/machine-disks.ts'
import type { Disk, Machine } from '../../manifest/manifest.ts'
import { sizeOfDisk } from '../config/disk-config.ts'
import { parseProperties } from '../config/property-string.ts'
import { isProtected, protectedError } from '../preflight/protection.ts'
import { removedDisks, volumeOfDrive } from './own-disks.ts'

/** Returns the first obstacle to detaching the disks that the manifest no longer names. */
export function removalConflict(machine: Machine, guest: GuestFacts): ProvisionError | undefined {
  const removed = removedDisks(machine, guest)
  if (removed.length === 0) return undefined
  const mayUnprotect = machine.declared.has('protection') && !machine.protection
  if (isProtected(guest) && !mayUnprotect) return protectedError(guest)
  const found =
    bootDevice(machine, guest, removed) ?? otherBus(machine, guest, removed) ?? ambiguous(machine, guest, removed)
  if (found === undefined) return undefined
  const [sentence, hint, key] = found
  return new ProvisionError('CONFLICT', sentence, {
    hint,
    details: { machine: machine.name, vmid: guest.vmid, key },
  })
}

type Found = readonly [sentence: string, hint: string, key: string] | undefined

function bootDevice(machine: Machine, { vmid, config }: GuestFacts, removed: readonly string[]): Found {
  const current = (parseProperties(config.boot, 'legacy').get('order') ?? '').split(';')
  const lost = (machine.bootOrder ?? current).filter((device) => removed.includes(device))
  if (lost.length === 0) return undefined
  const left = (machine.bootOrder ?? current).filter((device) => device !== '' && !removed.includes(device))
  const order = left.length === 0 ? [BOOT_DISK] : left
  return [
    `${machine.name} (${vmid}) boots from ${lost.join(', ')}, which the manifest no longer declares.`,
    `Set \`boot: [${order.join(', ')}]\`, or declare the disk again.`,
    'boot',
  ]
}

interface Declared {
  readonly disk: Disk
  readonly index: number
  readonly key: string
}

function further(machine: Machine, { config }: GuestFacts): readonly Declared[] {
  const keys = diskKeys(machine, config)
  return machine.disks.map((disk, index) => ({ disk, index, key: keys[index + 1] ?? '' }))
}

/** If a disk is removed on one bus and a similar one is added on another, the user most likely means the same disk. */
function otherBus(machine: Machine, guest: GuestFacts, removed: readonly string[]): Found {
  const { vmid, node, config } = guest
  const fresh = further(machine, guest).filter(({ key, disk }) => config[key] === undefined && disk.image === undefined)
  for (const { disk, index, key } of fresh) {
    const old = removed.find((one) => busOf(one) !== busOf(key) && isLike(disk, one, config))
    if (old === undefined) continue
    const options = disk.serial === undefined ? '' : `,serial=${encodeURIComponent(disk.serial)}`
    return [
      `disks[${index}] of ${machine.name} (${vmid}) is ${old}; the bus of a disk cannot be changed to ${busOf(key)}.`,
      `To keep its data, stop it, then as root on ${node}: qm set ${vmid} --delete ${old} && qm set ${vmid} --${key} ${volumeOfDrive(config[old])}${options}\nTo get an empty disk instead, remove the disk from the manifest, apply, and declare the new one.`,
      `disks[${index}].bus`,
    ]
  }
  return undefined
}

function isLike({ serial, sizeBytes }: Disk, key: string, config: GuestFacts['config']): boolean {
  const has = serialOfDrive(config[key])
  return serial !== undefined || has !== undefined ? serial === has : sizeBytes === sizeOfDisk(config, key)
}

/** Disks without a serial number are identified by their order, so the manifest cannot express that the first is removed. */
function ambiguous(machine: Machine, guest: GuestFacts, removed: readonly string[]): Found {
  const { vmid, config } = guest
  const changed = further(machine, guest).find(({ disk, key }) => {
    const has = sizeOfDisk(config, key)
    const [serial, size] = [serialOfDrive(config[key]), disk.sizeBytes]
    const isOther = disk.serial !== undefined && serial !== undefined && disk.serial !== serial
    const isMatched = disk.serial !== undefined && disk.serial === serial
    const grows = has !== undefined && size !== undefined && size > has
    return (
      config[key] !== undefined &&
      removed.some((one) => busOf(one) === busOf(key)) &&
      (isOther || (grows && !isMatched))
    )
  })
  if (changed === undefined) return undefined
  return [
    `${machine.name} (${vmid}) would lose ${removed.join(', ')} while disks[${changed.index}] (${changed.key}) changes, so it is not clear which disk to remove.`,
    'Disks without a `serial` are identified by their order. Make the two changes in two runs; or declare all disks unchanged, each with a `serial`, apply, and then remove the one you no longer need.',
    `disks[${changed.index}]`,
  ]
}

function busOf(key: string): string {
  return key.replace(/\d+$/, '')
}
