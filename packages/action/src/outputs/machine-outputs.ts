// The machines of a run for later steps: by name, by address, and as an inventory.
import type { Desired, MachineReport } from '@pve-provision/core'
import { addressOf, ansibleInventory, type InventoryMachine } from '@pve-provision/core/text'
import type { Ending } from '../modes/work.ts'

export function machinesByName({ summary: { report } }: Ending): Readonly<Record<string, MachineReport>> {
  return Object.fromEntries((report?.machines ?? []).map((machine) => [machine.name, machine]))
}

/** The address by which each machine is reached; a machine without a known one is left out. */
export function addressesByName(ending: Ending): Readonly<Record<string, string>> {
  const machines = thereAfter(ending).map((machine) => [machine.name, addressOf(machine)] as const)
  return Object.fromEntries(machines.flatMap(([name, address]) => (address === undefined ? [] : [[name, address]])))
}

export function inventoryText(ending: Ending): string {
  return ansibleInventory(thereAfter(ending).flatMap((machine) => inventoryMachine(machine, ending.prepared?.desired)))
}

function thereAfter({ summary: { report } }: Ending): readonly MachineReport[] {
  return (report?.machines ?? []).filter(({ status }) => status !== 'destroyed')
}

/** Nothing for a machine that could not be made. */
function inventoryMachine(report: MachineReport, desired: Desired | undefined): readonly InventoryMachine[] {
  const { name, vmid, node, addresses, ips, tags } = report
  if (vmid === undefined || node === undefined) return []
  const machine = desired?.machines.find((one) => one.name === name)
  const user = machine?.cloudInit?.user
  return [
    {
      name,
      vmid,
      node,
      addresses,
      tags,
      ...(ips && { ips }),
      ...(machine && { entry: machine.entry }),
      ...(user !== undefined && { user }),
    },
  ]
}
