// What a plan tells that is nobody's step, about machines and the cluster as a whole.
import type { Facts } from '../facts/facts.ts'
import type { Desired, Machine } from '../manifest/manifest.ts'
import type { Step } from './step.ts'

/** Machines of the project that the manifest no longer names stay, but not in silence. */
export function surplusNotes({ machines, project }: Desired, facts: Facts): readonly string[] {
  const named = new Set(machines.map(({ name }) => name))
  const surplus = facts.guests.filter(({ marker }) => marker.kind === 'machine' && !named.has(marker.name))
  return surplus.map(
    ({ marker: { name }, vmid, node }) =>
      `${name} (${vmid} on ${node}) is of ${project}, and the manifest no longer names it; it stays. To remove it: destroy --only ${name}`,
  )
}

/** A new machine on a node that is none is in the way; one that is there already stays, with a word about it. */
export function unknownNodeNotes(machines: readonly Machine[], { cluster, guests }: Facts): readonly string[] {
  const known = cluster.nodes.map(({ name }) => name)
  const there = new Set(guests.map(({ marker }) => marker.name))
  const named = machines.filter(({ name }) => there.has(name)).flatMap(({ nodes }) => nodes)
  return [...new Set(named)]
    .filter((node) => !known.includes(node))
    .map((node) => `There is no node ${node}; nodes are ${known.join(', ')}.`)
}

/** Machines about to be made that nobody could reach or log in to: it may be meant, and mostly is not. */
export function reachNotes(machines: readonly Machine[], steps: Iterable<Step>): readonly string[] {
  const made = new Set(
    [...steps].flatMap((step) => (step.kind === 'create' && step.action === 'run' ? [step.machine] : [])),
  )
  const fresh = machines.filter(({ name }) => made.has(name))
  const unconnected = fresh.filter(({ networks }) => networks.length === 0)
  const locked = fresh.filter(isLocked)
  return [
    ...(unconnected.length > 0 ? [`Without \`network\`, nobody reaches ${listOf(unconnected)}.`] : []),
    ...(locked.length > 0
      ? [`With neither \`sshKeys\` nor \`password\` in \`cloudInit\`, nobody can log in to ${listOf(locked)}.`]
      : []),
  ]
}

/** Without `cloudInit` an image may bring its own way in, and custom user-data may hold one. */
function isLocked({ cloudInit }: Machine): boolean {
  if (cloudInit === undefined || cloudInit.userData !== undefined || cloudInit.password !== undefined) return false
  return cloudInit.sshKeys.length === 0 && cloudInit.sshKeyUrls.length === 0
}

function listOf(machines: readonly Machine[]): string {
  const names = machines.map(({ name }) => name)
  return names.length > 4 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ')
}
