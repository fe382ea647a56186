// Checks that this version of Proxmox supports the HA settings in the manifest, and that their nodes exist.
import type { Facts } from '../../facts/facts.ts'
import type { Machine } from '../../manifest/manifest.ts'
import { conflict, type Problem, uniqueProblems } from '../problems/problem.ts'
import { changingMachines, type Subject } from './subject.ts'

/** Groups were replaced by rules in Proxmox VE 9 (pve-ha-manager `API2/HA/Resources.pm`). */
export function checkHa(subject: Subject): readonly Problem[] {
  return uniqueProblems(changingMachines(subject).flatMap((machine) => checkMachine(machine, subject.facts)))
}

function checkMachine({ entry, ha, position }: Machine, { cluster }: Facts): readonly Problem[] {
  if (ha === undefined) return []
  const { major, text } = cluster.version
  const place = `\`ha\` of ${entry}`
  return [
    ...(ha.group !== undefined && major >= 9
      ? conflict(
          `${place} names a group, and Proxmox VE ${text} has none any more.`,
          `Say \`nodes: [${cluster.nodes.map(({ name }) => name).join(', ')}]\` instead.`,
          position,
        )
      : []),
    ...(ha.nodes !== undefined && major < 9
      ? conflict(
          `${place} names nodes, which Proxmox VE ${text} has no rules for.`,
          'Say `group` with the name of an HA group instead.',
          position,
        )
      : []),
    ...(ha.nodes ?? []).flatMap((entry) => checkNode(entry.replace(/:.*/, ''), place, cluster)),
  ]
}

function checkNode(name: string, place: string, { nodes }: Facts['cluster']): readonly Problem[] {
  if (nodes.some((node) => node.name === name)) return []
  return conflict(
    `${place} names ${name}, which is no node.`,
    `Nodes are ${nodes.map((node) => node.name).join(', ')}.`,
  )
}
