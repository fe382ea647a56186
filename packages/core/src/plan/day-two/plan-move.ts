// Plans to migrate a machine to the node that the manifest names, and finds obstacles beforehand.
import { ProvisionError } from '../../errors.ts'
import type { Facts, GuestFacts } from '../../facts/facts.ts'
import type { Machine } from '../../manifest/manifest.ts'
import { isCd } from '../config/device-config.ts'
import { isDriveKey } from '../config/disk-config.ts'
import { parseProperties, storageOfVolume } from '../config/property-string.ts'
import type { MachinePlanner } from '../machine/machine-planner.ts'
import { storageOf } from '../storages.ts'

/** Adds the step and returns its id. */
export function planMove(
  machine: Machine,
  guest: GuestFacts,
  { add, facts, report, rollouts }: MachinePlanner,
): string {
  const [to] = machine.nodes
  const problem = obstacle(machine, guest, facts)
  const live = guest.status === 'running'
  const id = `move:${machine.name}`
  const added = add({
    id,
    kind: 'move',
    machine: machine.name,
    vmid: guest.vmid,
    node: guest.node,
    to,
    live,
    action: 'run',
    why: `${guest.vmid} is on ${guest.node}, the manifest says ${to}; ${live ? 'it moves while it runs' : 'it is stopped'}`,
    needs: [],
    lanes: [`node:${guest.node}`, `node:${to}`],
    gate: rollouts.gate(machine, id),
    ...(problem && { problem }),
  })
  if (problem) report(added, [problem])
  return added
}

/** Finds obstacles that Proxmox would only find during the task (`QemuMigrate.pm`, `scan_local_volumes`). */
function obstacle(
  { name, nodes: [to] }: Machine,
  { vmid, node, config }: GuestFacts,
  facts: Facts,
): ProvisionError | undefined {
  const refuse = (message: string, hint: string) =>
    new ProvisionError('CONFLICT', message, { hint, details: { machine: name, vmid, key: 'node' } })
  for (const [key, value] of Object.entries(config)) {
    if (!isDriveKey(key) && !/^ide\d+$/.test(key)) continue
    const volume = parseProperties(value, 'file').get('file') ?? ''
    const storage = storageOfVolume(volume)
    if (storage === undefined || storageOf(facts, { node, storage })?.shared) continue
    if (isCd(value) && !/cloudinit/.test(volume))
      return refuse(
        `${name} (${vmid}) cannot move to ${to}: its CD ${volume} is on the local storage ${storage}.`,
        `Put the CD on a shared storage, or make ${name} on ${to}: pve-provision apply --replace ${name}`,
      )
    if (/base-\d+-disk-\d+[^/]*\//.test(volume))
      return refuse(
        `${name} (${vmid}) cannot move to ${to}: its disk ${key} is a linked clone on the local storage ${storage}.`,
        `Make its disk independent of the template first (Proxmox: Move disk to another format), or say \`fullClone: true\` and replace it: pve-provision apply --replace ${name}`,
      )
  }
  return undefined
}
