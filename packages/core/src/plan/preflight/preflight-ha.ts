// Checks that this version of Proxmox supports the HA settings in the manifest, and that their nodes exist.
import type { Facts } from '../../facts/facts.ts'
import type { Machine } from '../../manifest/manifest.ts'
import { conflict, type FoundProblem, positionOf, uniqueProblems } from '../problems/problem.ts'
import { machineSteps, type Subject } from './subject.ts'

/** Groups were replaced by rules in Proxmox VE 9 (pve-ha-manager `API2/HA/Resources.pm`). */
export function checkHa(subject: Subject): readonly FoundProblem[] {
  return uniqueProblems(
    machineSteps(subject).flatMap(({ machine, step }) =>
      wrongSettings(machine, subject.facts).flatMap(([message, hint]) =>
        conflict(message, hint, { at: positionOf(machine, 'ha'), steps: [step.id] }),
      ),
    ),
  )
}

type Wrong = readonly [message: string, hint: string]

function wrongSettings({ entry, ha }: Machine, { cluster, haGroups }: Facts): readonly Wrong[] {
  if (ha === undefined) return []
  const { major, text } = cluster.version
  const place = `\`ha\` of ${entry}`
  const nodes = cluster.nodes.map(({ name }) => name)
  const strangers = (ha.nodes ?? []).map((node) => node.replace(/:.*/, '')).filter((node) => !nodes.includes(node))
  const isLost = ha.group !== undefined && major < 9 && haGroups?.has(ha.group) === false
  return [
    ...(isLost ? [missingGroup(`${place} names ${ha.group}`, haGroups)] : []),
    ...(ha.group !== undefined && major >= 9
      ? [
          [
            `${place} has a group, but Proxmox VE ${text} no longer supports HA groups.`,
            `Use \`nodes: [${nodes.join(', ')}]\` instead.`,
          ] as const,
        ]
      : []),
    ...(ha.nodes !== undefined && major < 9
      ? [
          [
            `${place} has nodes, but Proxmox VE ${text} does not support HA rules.`,
            'Use `group` with the name of an HA group instead.',
          ] as const,
        ]
      : []),
    ...strangers.map(
      (node) => [`${place} has ${node}, which is not a node.`, `Nodes are ${nodes.join(', ')}.`] as const,
    ),
  ]
}

/** Proxmox accepts such a group for a new service, and refuses it for one that is there. */
function missingGroup(place: string, groups: ReadonlySet<string>): Wrong {
  const known = groups.size === 0 ? '' : ` HA groups are ${[...groups].join(', ')}.`
  return [`${place}, and there is no such HA group.`, `Create it under Datacenter → HA → Groups.${known}`]
}
