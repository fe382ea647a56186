// Finds differences that cannot be changed in place: image, storage, id, a smaller disk, memory below the balloon
// minimum.
import { ProvisionError } from '../../errors.ts'
import type { GuestFacts } from '../../facts/facts.ts'
import { BOOT_DISK, diskKeys } from '../../manifest/machine-disks.ts'
import type { Disk, Machine } from '../../manifest/manifest.ts'
import { sizeOfDisk } from '../config/disk-config.ts'
import { textOf } from '../config/property-string.ts'
import { sizeText } from '../config/size-text.ts'
import { removalConflict } from './removal-conflict.ts'
import { memoryOf } from './same-value.ts'
import { UNFINISHED } from './spec-hash.ts'

/** Returns the first obstacle as an error with a hint, or undefined if everything can be changed in place. */
export function conflictOf(machine: Machine, guest: GuestFacts): ProvisionError | undefined {
  const lost = lostBootDisk(machine, guest)
  if (lost !== undefined) return lost
  const found = imageConflict(machine, guest) ?? idConflict(machine, guest) ?? diskConflict(machine, guest)
  if (found === undefined) return removalConflict(machine, guest) ?? balloonConflict(machine, guest)
  const { undo = 'Undo the change in the manifest' } = found
  return new ProvisionError('CONFLICT', found.sentence, {
    hint: `${undo}, or replace the machine, which loses what is on its boot disk: pve-provision apply --replace ${machine.name}`,
    details: { machine: machine.name, key: found.key, vmid: guest.vmid },
  })
}

interface Conflict {
  readonly sentence: string
  /** The key of the manifest. */
  readonly key: string
  readonly undo?: string
}

/** A machine that this program created has a boot disk, unless a user detached or removed it. */
function lostBootDisk({ name }: Machine, { vmid, config, marker }: GuestFacts): ProvisionError | undefined {
  const isAdopted = marker.base === ''
  if (isAdopted || marker.spec === UNFINISHED || config[BOOT_DISK] !== undefined) return undefined
  const unused = Object.keys(config).find((key) => /^unused\d+$/.test(key))
  const attach =
    unused === undefined
      ? ''
      : `If ${unused} is its disk, attach it: qm set ${vmid} --${BOOT_DISK} ${textOf(config[unused])} --boot order=${BOOT_DISK}\n`
  return new ProvisionError('CONFLICT', `${name} (${vmid}) has no boot disk: ${BOOT_DISK} is missing.`, {
    hint: `${attach}To create the machine again from its image: pve-provision apply --replace ${name}`,
    details: { machine: name, key: 'disk', vmid },
  })
}

function imageConflict({ name, image }: Machine, { vmid, marker }: GuestFacts): Conflict | undefined {
  if (marker.image === image) return undefined
  const sentence = `${name} (${vmid}) was created from ${marker.image}; its image cannot be changed to ${image} in place.`
  return { sentence, key: 'image' }
}

function idConflict({ name, vmid }: Machine, guest: GuestFacts): Conflict | undefined {
  if (vmid === undefined || vmid === guest.vmid) return undefined
  return { sentence: `${name} is ${guest.vmid}; its VM ID cannot be changed to ${vmid}.`, key: 'vmid' }
}

function diskConflict(machine: Machine, guest: GuestFacts): Conflict | undefined {
  const { disk, disks, declared } = machine
  const keys = diskKeys(machine, guest.config)
  for (const [index, entry] of [disk, ...(declared.has('disks') ? disks : [])].entries()) {
    const key = index === 0 ? 'disk' : `disks[${index - 1}]`
    const found = shrunk(entry, keys[index] ?? '', { machine, guest })
    if (found !== undefined) return { ...found, key }
  }
  return undefined
}

interface Pair {
  readonly machine: Machine
  readonly guest: GuestFacts
}

function shrunk({ sizeBytes }: Disk, key: string, { machine, guest }: Pair): Omit<Conflict, 'key'> | undefined {
  const has = sizeOfDisk(guest.config, key)
  if (sizeBytes === undefined || has === undefined || sizeBytes >= has) return undefined
  return {
    sentence: `${diskName(key)} of ${machine.name} (${guest.vmid}) has ${sizeText(has)}; Proxmox cannot shrink it to ${sizeText(sizeBytes)}.`,
    undo: `Set its size in the manifest to ${sizeText(has)}`,
  }
}

/**
 * If the manifest sets only memory or balloon, the other is the machine's current value. Proxmox refuses a balloon
 * above the memory (qemu-server `update_vm_api`).
 */
function balloonConflict(
  { name, memory, declared }: Machine,
  { vmid, config, marker }: GuestFacts,
): ProvisionError | undefined {
  if (marker.spec === UNFINISHED || declared.has('memory') === declared.has('balloon')) return undefined
  const memoryMiB = declared.has('memory') ? memory.memoryMiB : memoryOf(config.memory ?? DEFAULT_MEMORY_MIB)
  const balloonMiB = declared.has('balloon') ? (memory.balloonMiB ?? 0) : Number(config.balloon ?? 0)
  if (balloonMiB <= memoryMiB) return undefined
  const own = declared.has('memory') ? 'balloon' : 'memory'
  return new ProvisionError(
    'CONFLICT',
    `${name} (${vmid}) would have ${memoryMiB} MiB of memory but a minimum of ${balloonMiB} MiB; it has ${own} now.`,
    { hint: `Set \`${own}\` in the manifest as well.`, details: { machine: name, vmid } },
  )
}

const DEFAULT_MEMORY_MIB = 512

function diskName(key: string): string {
  return key === BOOT_DISK ? 'The disk' : `The disk ${key}`
}
