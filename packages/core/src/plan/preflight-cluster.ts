// Whether Proxmox is new enough, and the nodes and bridges of a plan are there.
import type { Facts } from '../facts/facts.ts'
import type { Desired } from '../manifest/manifest.ts'
import { type Complaint, conflict } from './complaint.ts'
import { bridgePath } from './config-privileges.ts'
import { privilegesIn } from './held-privileges.ts'
import { type Plan, runs, type Step } from './step.ts'

const OLDEST = { major: 8, minor: 4 }

/** `import` content for qcow2 and raw came with Proxmox VE 8.4; before, images need a shell on the node. */
export function checkVersion({ cluster: { version } }: Facts): readonly Complaint[] {
  const { major, minor, text } = version
  if (major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor)) return []
  return conflict(
    `Proxmox VE ${text} is too old: images are imported by its API since 8.4.`,
    'Upgrade to Proxmox VE 9, or at least to 8.4.',
  )
}

export function checkNodes({ cluster: { nodes } }: Facts, plan: Plan): readonly Complaint[] {
  const used = new Set(plan.steps.filter(runs).flatMap(nodesOf))
  return [...used].flatMap((name) => {
    const node = nodes.find((entry) => entry.name === name)
    const known = nodes.map((entry) => entry.name).join(', ')
    if (node === undefined) return conflict(`There is no node ${name}.`, `Nodes are ${known}.`)
    return node.online ? [] : conflict(`Node ${name} is offline.`, `Bring ${name} back, or name another node.`)
  })
}

/** The nodes that a step works on. */
function nodesOf(step: Step): readonly string[] {
  if ('at' in step) return [step.at.node]
  return 'node' in step ? [step.node] : []
}

/** Bridges that the token may see; where it may not, the missing privilege is the better complaint. */
export function checkBridges(desired: Desired, facts: Facts, plan: Plan): readonly Complaint[] {
  const has = privilegesIn(facts)
  const missing = new Map<string, Complaint>()
  for (const step of plan.steps.filter(runs)) {
    if (step.kind !== 'create' && step.kind !== 'update') continue
    const there = facts.cluster.bridges.get(step.node)
    const networks = desired.machines.find(({ name }) => name === step.machine)?.networks ?? []
    for (const network of networks) {
      if (there === undefined || there.size === 0 || there.has(network.bridge) || !has(bridgePath(network), 'SDN.Use'))
        continue
      const [complaint] = conflict(
        `There is no bridge ${network.bridge} on ${step.node}.`,
        `Bridges on ${step.node} are ${[...there].join(', ')}.`,
      )
      if (complaint) missing.set(complaint.sentence, complaint)
    }
  }
  return [...missing.values()]
}
