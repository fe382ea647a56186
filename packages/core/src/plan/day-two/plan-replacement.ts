// Plans the replacement of a machine, or the rest of one that an earlier run started.
import { ProvisionError } from '../../errors.ts'
import type { GuestFacts } from '../../facts/facts.ts'
import type { Machine } from '../../manifest/manifest.ts'
import type { StorageRef } from '../../ports/pve/pve.ts'
import type { Change } from '../change/change.ts'
import { driveText, placeOfDrive } from '../compare/drive-words.ts'
import { seedOf } from '../compare/find-machine.ts'
import { removedDisks, volumeOfDrive } from '../compare/own-disks.ts'
import { isCd } from '../config/device-config.ts'
import type { Config } from '../config/wanted-config.ts'
import { seedVolume } from '../first-boot/seed-documents.ts'
import { planDiskImages } from '../machine/disk-images.ts'
import { type MachinePlanner, problemOf } from '../machine/machine-planner.ts'
import { isLinkedClone, newMachineProblems } from '../machine/plan-new.ts'
import { planSeed, seedOptions } from '../machine/seed-step.ts'
import type { PlannedMachine } from '../plan.ts'
import { isProtected, mayUnprotect, protectedError } from '../preflight/protection.ts'
import { stuckInHa } from '../problems/ha-problem.ts'
import { lockProblem } from '../problems/lock-problem.ts'
import { pausedProblem } from '../problems/paused-problem.ts'
import { storageLane, storageOf } from '../storages.ts'
import { dataDisksOf, replacementLosses } from './replacement-losses.ts'

export interface Replaced {
  readonly old: GuestFacts
  /** True if an earlier run started, so that the old VM already has its temporary name. */
  readonly isBegun: boolean
  readonly why: string
}

/** Plans the new VM on the node of the old one, because Proxmox moves disks between VMs only within a node. */
export function planReplacement(
  machine: Machine,
  { old, isBegun, why }: Replaced,
  all: MachinePlanner,
): PlannedMachine {
  const planner = { ...all, node: old.node }
  const { add, images, facts, node, desired } = planner
  const disks: StorageRef = { node, storage: machine.storage.disks }
  const template = images.planTemplate(machine.image, { images: { node, storage: machine.storage.images }, disks })
  const seed = planSeed(machine, planner, old)
  // Disks of the old VM are moved to the new one. CDs are inserted again.
  const disk = planDiskImages(machine, planner, withoutCds(old.config))
  const storage = storageOf(facts, disks)
  const id = `replace:${machine.name}`
  const problems = [
    ...(isProtected(old) && !mayUnprotect(machine.name, desired) ? [protectedError(old)] : []),
    ...heldBySnapshots(machine, old),
    ...lockProblem(machine, old),
    ...pausedProblem(machine, old, 'replaced'),
    ...stuckInHa(machine, old),
    ...newMachineProblems(machine, planner, old),
  ]
  const replaced = add({
    id,
    kind: 'replace',
    machine: machine.name,
    node,
    old: { vmid: old.vmid, node },
    ...removableSeed(machine, old, planner),
    templateFrom: template.id,
    ...(seed[0] !== undefined && { seedFrom: seed[0] }),
    ...disk.sources,
    linked: isLinkedClone(machine, template, { disks, storage }),
    base: template.base,
    cloneLanes: [...new Set([`template:${template.id}`, storageLane(storage, disks), ...disk.lanes, `node:${node}`])],
    action: 'run',
    why: isBegun ? `its replacement was started but not finished` : why,
    needs: [...(planner.after ?? []), template.id, ...seed, ...disk.needs],
    // It holds no lanes while it waits for the new VM, so that other steps can run.
    lanes: [],
    gate: planner.rollouts.gate(machine, id),
    ...problemOf(problems),
  })
  planner.report(replaced, problems)
  return { name: machine.name, node, action: problems.length > 0 ? 'blocked' : 'replace', ...effects(machine, old) }
}

/** Returns what the replacement means for the machine. */
function effects(machine: Machine, old: GuestFacts): Pick<PlannedMachine, 'changes' | 'loses' | 'startsAgain'> {
  const loses = replacementLosses(machine, old)
  return {
    changes: detachedDisks(machine, old),
    ...(loses.length > 0 && { loses }),
    ...(old.status === 'running' && !machine.start && { startsAgain: true }),
  }
}

/** Disks that the manifest no longer has move to the new VM as well, which detaches them. */
function detachedDisks(machine: Machine, old: GuestFacts): readonly Change[] {
  return removedDisks(machine, old).map((key) => ({
    key: placeOfDrive(key, machine, old.config),
    before: driveText(old.config[key]),
    when: 'now',
    impact: 'detached',
  }))
}

/** Proxmox does not move a disk to another VM while a snapshot uses it (qemu-server `move_vm_disk`). */
function heldBySnapshots(
  machine: Machine,
  { vmid, node, config, snapshots = [] }: GuestFacts,
): readonly ProvisionError[] {
  const disks = dataDisksOf({ config }).map((key) => volumeOfDrive(config[key]))
  const holding = snapshots.filter(({ volumes }) => volumes.some((volume) => disks.includes(volume)))
  if (holding.length === 0) return []
  const names = holding.map(({ name }) => name)
  const which = names.length === 1 ? `the snapshot ${names[0]} uses` : `the snapshots ${names.join(', ')} use`
  return [
    new ProvisionError(
      'CONFLICT',
      `${machine.name} (${vmid}) cannot be replaced: ${which} its data disks, so they cannot move to the new VM.`,
      {
        hint: `Remove ${names.length === 1 ? 'the snapshot' : 'the snapshots'} first, as root on ${node}: ${names.map((name) => `qm delsnapshot ${vmid} ${name}`).join('; ')}`,
        details: { machine: machine.name, vmid },
      },
    ),
  ]
}

function withoutCds(config: Config): Config {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => !isCd(value)))
}

/** Returns the ISO of the old VM, unless the new one uses the same ISO. */
function removableSeed(machine: Machine, old: GuestFacts, { desired }: MachinePlanner): { readonly oldSeed?: string } {
  const is = seedOf(old.config, machine.name)
  const wanted = seedVolume(machine, seedOptions(machine, desired, old))
  return is === undefined || (wanted !== undefined && is.endsWith(`/${wanted}`)) ? {} : { oldSeed: is }
}
