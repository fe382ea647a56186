// Checks that the storages of a plan exist, are active, and allow the content.
import { type Facts, type StorageFacts, storageKey } from '../../facts/facts.ts'
import type { Machine, Position } from '../../manifest/manifest.ts'
import type { StorageRef } from '../../ports/pve/pve.ts'
import { textOf } from '../config/property-string.ts'
import { conflict, type FoundProblem, positionOf, uniqueProblems } from '../problems/problem.ts'
import type { Step } from '../step.ts'
import { holdsDisks, isFileBased } from '../storage-kinds.ts'
import { placeOf, storageOf } from '../storages.ts'
import { privilegesIn } from './held-privileges.ts'
import { runningSteps, type Subject } from './subject.ts'

type Content = 'images' | 'import' | 'iso'

interface Use {
  readonly step: string
  readonly at: StorageRef
  readonly content: Content
}

export function checkStorages(subject: Subject): readonly FoundProblem[] {
  const { facts } = subject
  // A node that is missing or offline is reported as a separate problem.
  const online = new Set(facts.cluster.nodes.flatMap((node) => (node.online ? [node.name] : [])))
  const steps = runningSteps(subject)
  const uses = steps.flatMap((step) => usesOf(step, subject)).filter(({ at }) => online.has(at.node))
  const named = new Set(steps.flatMap((step) => ('machine' in step ? [step.machine] : [])))
  const machines = subject.desired.machines.filter(({ name }) => named.has(name))
  const problems = uses.flatMap(({ step, ...use }) =>
    checkUse(use, facts).map((problem) => ({
      ...problem,
      ...placeOfStorage(use.at.storage, machines),
      steps: [step],
    })),
  )
  return uniqueProblems(problems)
}

/** Returns where the manifest first names a storage. */
export function placeOfStorage(storage: string, machines: readonly Machine[]): Position | undefined {
  for (const machine of machines) {
    const key = (['images', 'disks'] as const).find((one) => machine.storage[one] === storage)
    if (key !== undefined) return positionOf(machine, `storage.${key}`)
    const index = machine.disks.findIndex((disk) => disk.storage === storage)
    if (index >= 0) return positionOf(machine, `disks[${index}].storage`)
  }
  return undefined
}

function usesOf(step: Step, subject: Subject): readonly Use[] {
  return placesOf(step, subject).map((place) => ({ ...place, step: step.id }))
}

function placesOf(step: Step, subject: Subject): readonly Omit<Use, 'step'>[] {
  if (step.kind === 'pull' || step.kind === 'upload') return [{ at: step.at, content: step.content ?? 'import' }]
  if (step.kind === 'stream') return [{ at: step.at, content: 'import' }]
  if (step.kind === 'seed') return [{ at: step.at, content: 'iso' }]
  if (step.kind === 'build')
    return [
      { at: step.at, content: 'images' },
      { at: step.cdAt, content: 'iso' },
    ]
  if (step.kind === 'template') return [{ at: step.at, content: 'images' }]
  return diskStorages(step, subject).map(([node, storage]) => ({ at: { node, storage }, content: 'images' }))
}

/** Returns node and storage of the disks that a step allocates. */
function diskStorages(step: Step, { machines, verdicts }: Subject): readonly (readonly [string, string])[] {
  if (step.kind === 'move-disks') return step.disks.map(({ to }) => [step.node, to])
  if (step.kind === 'update') {
    const { set = {} } = verdicts.get(step.machine) ?? {}
    return Object.values(set)
      .flatMap((value) => storageOfNewDisk(value) ?? [])
      .map((storage) => [step.node, storage])
  }
  if (step.kind !== 'create' && step.kind !== 'replace') return []
  const machine = machines.get(step.machine)
  if (machine === undefined) return []
  const { storage, disks } = machine
  return [storage.disks, ...disks.map((disk) => disk.storage ?? storage.disks)].map((name) => [step.node, name])
}

/** Proxmox allocates `local:20` (GiB) and `local:cloudinit`. Other values name volumes that exist. */
function storageOfNewDisk(value: unknown): string | undefined {
  return /^([a-zA-Z][\w.-]*):(?:\d+(?:\.\d+)?|cloudinit)(?:,|$)/.exec(textOf(value))?.[1]
}

function checkUse({ at, content }: Omit<Use, 'step'>, facts: Facts): readonly FoundProblem[] {
  const storage = storageOf(facts, at)
  if (storage === undefined) return checkMissing(at, facts)
  const place = placeOf(storage, at)
  if (!storage.active)
    return conflict(`Storage ${place} is not active on ${at.node}.`, `Look at \`pvesm status\` on ${at.node}.`)
  if (!canHold(storage, content)) {
    return conflict(
      `Storage ${place} is of type ${storage.type}, which cannot hold ${content === 'images' ? 'disks' : 'files'}.`,
      `Use another storage for ${content === 'images' ? '`storage.disks`' : '`storage.images`'}.`,
    )
  }
  if (storage.content.has(content)) return []
  const contents = [...storage.content, content]
    .filter((one) => one !== '')
    .sort()
    .join(',')
  return conflict(
    `Storage ${at.storage} does not have the content type ${content}.`,
    `pvesm set ${at.storage} --content ${contents}`,
  )
}

/** A storage that the token cannot see is not listed either. Then the missing privilege is reported instead. */
function checkMissing({ node, storage }: StorageRef, facts: Facts): readonly FoundProblem[] {
  if (facts.cluster.disabledStorages?.has(storageKey({ node, storage })))
    return conflict(`Storage ${storage} is disabled on ${node}.`, `pvesm set ${storage} --disable 0`)
  if (!privilegesIn(facts)(`/storage/${storage}`, 'Datastore.Audit')) return []
  const known = facts.cluster.storages.filter((entry) => entry.node === node).map((entry) => entry.storage)
  return conflict(
    `There is no storage ${storage} on ${node}.`,
    known.length === 0
      ? `The token sees no other storage there. Look at \`pvesm status\` on ${node}.`
      : `Storages on ${node} are ${known.join(', ')}.`,
  )
}

function canHold({ type }: StorageFacts, content: Content): boolean {
  return content === 'images' ? holdsDisks(type) : isFileBased(type)
}
