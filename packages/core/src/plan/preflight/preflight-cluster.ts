// Whether Proxmox is new enough, and the nodes and bridges of a plan are there.
import type { Facts } from '../../facts/facts.ts'
import type { Desired, Machine } from '../../manifest/manifest.ts'
import { type Plan, runs, type Step } from '../step.ts'
import { bridgePath } from './config-privileges.ts'
import { privilegesIn } from './held-privileges.ts'
import { conflict, type Problem } from './problem.ts'

const OLDEST = { major: 8, minor: 4 }

/** `import` content for qcow2 and raw came with Proxmox VE 8.4; before, images need a shell on the node. */
export function checkVersion({ cluster: { version } }: Facts): readonly Problem[] {
  const { major, minor, text } = version
  if (major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor)) return []
  return conflict(
    `Proxmox VE ${text} is too old: images are imported by its API since 8.4.`,
    'Upgrade to Proxmox VE 9, or at least to 8.4.',
  )
}

export function checkNodes({ machines }: Desired, { cluster: { nodes } }: Facts, plan: Plan): readonly Problem[] {
  const used = new Set(plan.steps.filter(runs).flatMap(nodesOf))
  // Of several nodes to choose from, the others count as well: a name that is none is a mistake.
  const named = new Set([...used, ...machines.filter(isMadeBy(plan)).flatMap((machine) => machine.nodes)])
  return [...named].flatMap((name) => {
    const node = nodes.find((entry) => entry.name === name)
    const known = nodes.map((entry) => entry.name).join(', ')
    if (node === undefined) return conflict(`There is no node ${name}.`, `Nodes are ${known}.`)
    if (node.online || !used.has(name)) return []
    return conflict(`Node ${name} is offline.`, `Bring ${name} back, or name another node.`)
  })
}

function isMadeBy(plan: Plan): (machine: Machine) => boolean {
  const made = new Set(plan.steps.flatMap((step) => (step.kind === 'create' && runs(step) ? [step.machine] : [])))
  return ({ name }) => made.has(name)
}

/** Pools that the token may see, where somebody asked; where it may not, the missing privilege is the better problem. */
export function checkPools({ machines }: Desired, facts: Facts, plan: Plan): readonly Problem[] {
  const { pools } = facts
  if (pools === undefined) return []
  const changing = new Set(
    plan.steps.filter(runs).flatMap((step) => (step.kind === 'create' || step.kind === 'update' ? [step.machine] : [])),
  )
  const wanted = new Set(machines.flatMap(({ name, pool }) => (pool !== undefined && changing.has(name) ? [pool] : [])))
  const has = privilegesIn(facts)
  return [...wanted].flatMap((pool) =>
    pools.has(pool) || !has(`/pool/${pool}`, 'Pool.Audit')
      ? []
      : conflict(`There is no pool ${pool}.`, `pvesh create /pools --poolid ${pool}`),
  )
}

/** The nodes that a step works on. */
function nodesOf(step: Step): readonly string[] {
  if ('at' in step) return [step.at.node]
  return 'node' in step ? [step.node] : []
}

/** Bridges that the token may see; where it may not, the missing privilege is the better problem. */
export function checkBridges(desired: Desired, facts: Facts, plan: Plan): readonly Problem[] {
  const has = privilegesIn(facts)
  const missing = new Map<string, Problem>()
  for (const step of plan.steps.filter(runs)) {
    if (step.kind !== 'create' && step.kind !== 'update') continue
    const there = facts.cluster.bridges.get(step.node)
    const networks = desired.machines.find(({ name }) => name === step.machine)?.networks ?? []
    for (const network of networks) {
      if (there === undefined || there.size === 0 || there.has(network.bridge) || !has(bridgePath(network), 'SDN.Use'))
        continue
      const [problem] = conflict(
        `There is no bridge ${network.bridge} on ${step.node}.`,
        `Bridges on ${step.node} are ${[...there].join(', ')}.`,
      )
      if (problem) missing.set(problem.sentence, problem)
    }
  }
  return [...missing.values()]
}
