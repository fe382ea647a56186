// A machine that another one takes the place of, or has begun to.
import type { GuestFacts } from '../../facts/facts.ts'
import type { Machine } from '../../manifest/manifest.ts'
import type { StorageRef } from '../../ports/pve/pve.ts'
import { seedOf } from '../compare/find-machine.ts'
import { isCd } from '../config/device-config.ts'
import type { Config } from '../config/wanted-config.ts'
import { seedVolume } from '../first-boot/seed-documents.ts'
import { planDiskImages } from '../machine/disk-images.ts'
import { type MachinePlanner, problemOf } from '../machine/machine-planner.ts'
import { isLinkedClone, newMachineProblems } from '../machine/plan-new.ts'
import { planSeed, seedOptions } from '../machine/seed-step.ts'
import type { PlannedMachine } from '../plan.ts'
import { isProtected, mayUnprotect, protectedError } from '../preflight/protection.ts'
import { storageLane, storageOf } from '../storages.ts'

export interface Replaced {
  readonly old: GuestFacts
  /** An earlier run began: the old machine has stepped aside already. */
  readonly isBegun: boolean
  readonly why: string
}

/** On the node of the old one: Proxmox hands disks over within a node only. */
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
  // Disks that the old one has are carried over; CDs are put in again.
  const disk = planDiskImages(machine, planner, withoutCds(old.config))
  const storage = storageOf(facts, disks)
  const id = `replace:${machine.name}`
  const problems = [
    ...(isProtected(old) && !mayUnprotect(machine.name, desired) ? [protectedError(old)] : []),
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
    why: isBegun ? `its replacement was begun and not finished` : why,
    needs: [...(planner.after ?? []), template.id, ...seed, ...disk.needs],
    // While it waits for the new machine it keeps nobody from working.
    lanes: [],
    gate: planner.rollouts.gate(machine, id),
    ...problemOf(problems),
  })
  planner.report(replaced, problems)
  return { name: machine.name, node, action: problems.length > 0 ? 'blocked' : 'replace', changes: [] }
}

function withoutCds(config: Config): Config {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => !isCd(value)))
}

/** The old machine's CD, where the new one does not want the very same. */
function removableSeed(machine: Machine, old: GuestFacts, { desired }: MachinePlanner): { readonly oldSeed?: string } {
  const is = seedOf(old.config, machine.name)
  const wanted = seedVolume(machine, seedOptions(machine, desired, old))
  return is === undefined || (wanted !== undefined && is.endsWith(`/${wanted}`)) ? {} : { oldSeed: is }
}
