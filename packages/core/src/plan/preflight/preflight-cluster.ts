// Checks the version of Proxmox, and that the nodes, pools and bridges of a plan exist.
import type { BridgeLimits } from '../../facts/facts.ts'
import type { Machine, Network, Position } from '../../manifest/manifest.ts'
import { conflict, type FoundProblem, positionOf, uniqueProblems } from '../problems/problem.ts'
import type { Step } from '../step.ts'
import { bridgePath } from './config-privileges.ts'
import { privilegesIn } from './held-privileges.ts'
import { changesKey, machineSteps, runningSteps, type Subject } from './subject.ts'

const OLDEST = { major: 8, minor: 4 }

/** `import` content for qcow2 and raw exists since Proxmox VE 8.4. Before, images need a shell on the node. */
export function checkVersion({
  facts: {
    cluster: { version },
  },
}: Subject): readonly FoundProblem[] {
  const { major, minor, text } = version
  if (major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor)) return []
  return conflict(
    `Proxmox VE ${text} is too old: images are imported by its API since 8.4.`,
    'Upgrade to Proxmox VE 9, or at least to 8.4.',
  )
}

/** If there are several nodes to choose from, an unknown one among them is an error too. */
export function checkNodes(subject: Subject): readonly FoundProblem[] {
  const { nodes } = subject.facts.cluster
  const known = new Map(nodes.map((node) => [node.name, node]))
  const machines = machineSteps(subject)
  const places = machines.map(({ machine }) => machine)
  const used = runningSteps(subject).flatMap((step) => nodesOf(step).map((name) => ({ name, step: step.id })))
  const declared = machines.flatMap(({ step, machine }) =>
    step.kind === 'create' ? machine.nodes.map((name) => ({ name, step: step.id })) : [],
  )
  const unknown = [...used, ...declared].filter(({ name }) => !known.has(name))
  const offline = used.filter(({ name }) => known.get(name)?.online === false)
  return uniqueProblems([
    ...unknown.flatMap(({ name, step }) =>
      conflict(`There is no node ${name}.`, `Nodes are ${[...known.keys()].join(', ')}.`, {
        at: placeOfNode(name, places),
        steps: [step],
      }),
    ),
    ...offline.flatMap(({ name, step }) =>
      conflict(`Node ${name} is offline.`, `Bring ${name} back online, or use another node.`, {
        at: placeOfNode(name, places),
        steps: [step],
      }),
    ),
  ])
}

/** Returns where the manifest first names a node. */
function placeOfNode(name: string, machines: readonly Machine[]): Position | undefined {
  const machine = machines.find(({ nodes }) => nodes.includes(name))
  return machine && positionOf(machine, machine.declared.has('nodes') ? 'nodes' : 'node')
}

/** Checks pools that the token can see. If it cannot see a pool, the missing privilege is reported instead. */
export function checkPools(subject: Subject): readonly FoundProblem[] {
  const { facts } = subject
  const { pools } = facts
  if (pools === undefined) return []
  const has = privilegesIn(facts)
  const problems = machineSteps(subject).flatMap(({ machine, step }) => {
    const { pool } = machine
    return pool === undefined || pools.has(pool) || !changesKey(step, 'pool') || !has(`/pool/${pool}`, 'Pool.Audit')
      ? []
      : conflict(`There is no pool ${pool}.`, `pvesh create /pools --poolid ${pool}`, {
          at: positionOf(machine, 'pool'),
          steps: [step.id],
        })
  })
  return uniqueProblems(problems)
}

/** Returns the nodes of a step. */
function nodesOf(step: Step): readonly string[] {
  if ('at' in step) return [step.at.node]
  return 'node' in step ? [step.node] : []
}

/** Checks bridges that the token can see. If it cannot see a bridge, the missing privilege is reported instead. */
export function checkBridges(subject: Subject): readonly FoundProblem[] {
  const { facts } = subject
  const has = privilegesIn(facts)
  const problems = machineSteps(subject).flatMap(({ machine, step }) => {
    const there = facts.cluster.bridges.get(step.node)
    if (there === undefined || there.size === 0 || !changesKey(step, 'network')) return []
    const missing = machine.networks.filter(
      (network) => !there.has(network.bridge) && has(bridgePath(network), 'SDN.Use'),
    )
    const at = { at: positionOf(machine, 'network'), steps: [step.id] }
    return [
      ...missing.flatMap(({ bridge }) =>
        conflict(
          `There is no bridge ${bridge} on ${step.node}.`,
          `Bridges on ${step.node} are ${[...there].join(', ')}.`,
          at,
        ),
      ),
      ...machine.networks.flatMap((network) => {
        const limits = facts.cluster.bridgeLimits?.[step.node]?.[network.bridge]
        const [message, hint] = beyondBridge(machine.name, network, { node: step.node, ...limits }) ?? []
        return message === undefined || hint === undefined ? [] : conflict(message, hint, at)
      }),
    ]
  })
  return uniqueProblems(problems)
}

/**
 * Proxmox accepts such a card and does not start the VM (pve-common `Network.pm`, qemu-server `print_netdevice_full`).
 * Trap: `pvesh set` of one option of a bridge removes its address, so it is no hint.
 */
function beyondBridge(
  name: string,
  { bridge, model, trunks = [], mtu }: Network,
  limits: BridgeLimits & { readonly node: string },
): readonly [string, string] | undefined {
  const where = `${bridge} on ${limits.node}`
  if (trunks.length > 0 && limits.noTrunks)
    return [
      `${name} has \`trunks\`, but ${where} is not VLAN-aware, so it could not start.`,
      `Remove \`trunks\`, or make the bridge VLAN-aware: web interface → ${limits.node} → System → Network → ${bridge}, then "Apply Configuration".`,
    ]
  if (model === 'virtio' && mtu !== undefined && limits.mtu !== undefined && mtu > limits.mtu)
    return [
      `${name} has an MTU of ${mtu}, but ${where} has ${limits.mtu}, so it could not start.`,
      'Set a smaller `mtu`: 1 stands for the MTU of the bridge.',
    ]
  return undefined
}
