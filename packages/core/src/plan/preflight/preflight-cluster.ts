// Checks the version of Proxmox, and that the nodes, pools and bridges of a plan exist.
import type { Facts } from '../../facts/facts.ts'
import type { Machine, Position } from '../../manifest/manifest.ts'
import { conflict, type Problem, positionOf, uniqueProblems } from '../problems/problem.ts'
import type { Step } from '../step.ts'
import { bridgePath } from './config-privileges.ts'
import { privilegesIn } from './held-privileges.ts'
import { changingMachines, madeMachines, runningSteps, type Subject } from './subject.ts'

const OLDEST = { major: 8, minor: 4 }

/** `import` content for qcow2 and raw exists since Proxmox VE 8.4. Before, images need a shell on the node. */
export function checkVersion({
  facts: {
    cluster: { version },
  },
}: Subject): readonly Problem[] {
  const { major, minor, text } = version
  if (major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor)) return []
  return conflict(
    `Proxmox VE ${text} is too old: images are imported by its API since 8.4.`,
    'Upgrade to Proxmox VE 9, or at least to 8.4.',
  )
}

export function checkNodes(subject: Subject): readonly Problem[] {
  const { nodes } = subject.facts.cluster
  const used = new Set(runningSteps(subject).flatMap(nodesOf))
  // If there are several nodes to choose from, check all of them: an unknown name is an error.
  const named = new Set([...used, ...madeMachines(subject).flatMap((machine) => machine.nodes)])
  return [...named].flatMap((name) => {
    const node = nodes.find((entry) => entry.name === name)
    const known = nodes.map((entry) => entry.name).join(', ')
    const at = placeOfNode(name, changingMachines(subject))
    if (node === undefined) return conflict(`There is no node ${name}.`, `Nodes are ${known}.`, at)
    if (node.online || !used.has(name)) return []
    return conflict(`Node ${name} is offline.`, `Bring ${name} back, or name another node.`, at)
  })
}

/** Returns where the manifest first names a node. */
function placeOfNode(name: string, machines: readonly Machine[]): Position | undefined {
  const machine = machines.find(({ nodes }) => nodes.includes(name))
  return machine && positionOf(machine, machine.declared.has('nodes') ? 'nodes' : 'node')
}

/** Checks pools that the token can see. If it cannot see a pool, the missing privilege is reported instead. */
export function checkPools(subject: Subject): readonly Problem[] {
  const { facts } = subject
  const { pools } = facts
  if (pools === undefined) return []
  const machines = new Map(changingMachines(subject).map((machine) => [machine.pool, machine]))
  const has = privilegesIn(facts)
  return [...machines].flatMap(([pool, machine]) =>
    pool === undefined || pools.has(pool) || !has(`/pool/${pool}`, 'Pool.Audit')
      ? []
      : conflict(`There is no pool ${pool}.`, `pvesh create /pools --poolid ${pool}`, positionOf(machine, 'pool')),
  )
}

/** Returns the nodes of a step. */
function nodesOf(step: Step): readonly string[] {
  if ('at' in step) return [step.at.node]
  return 'node' in step ? [step.node] : []
}

/** Checks bridges that the token can see. If it cannot see a bridge, the missing privilege is reported instead. */
export function checkBridges(subject: Subject): readonly Problem[] {
  const problems = runningSteps(subject).flatMap((step) => {
    if (step.kind !== 'create' && step.kind !== 'update') return []
    const machine = subject.machines.get(step.machine)
    return machine === undefined ? [] : missingBridges(machine, step.node, subject.facts)
  })
  return uniqueProblems(problems)
}

function missingBridges(machine: Machine, node: string, facts: Facts): readonly Problem[] {
  const there = facts.cluster.bridges.get(node)
  if (there === undefined || there.size === 0) return []
  const has = privilegesIn(facts)
  const missing = machine.networks.filter(
    (network) => !there.has(network.bridge) && has(bridgePath(network), 'SDN.Use'),
  )
  const hint = `Bridges on ${node} are ${[...there].join(', ')}.`
  return missing.flatMap(({ bridge }) =>
    conflict(`There is no bridge ${bridge} on ${node}.`, hint, positionOf(machine, 'network')),
  )
}
