// Creates the outputs about machines for later steps: by name, by address, and as an inventory.
import type { Desired, MachineReport } from '@pve-provision/core'
import {
  addressOf,
  ansibleInventory,
  type InventoryMachine,
  type PlannedReport,
  plannedReports,
} from '@pve-provision/core/text'
import type { Ending } from '../modes/work.ts'

/**
 * Returns the machines after the run. For a plan that was not executed: as they are now, with what the plan would do.
 */
export function machinesOf({
  summary: { mode, report },
  prepared,
}: Ending): readonly (MachineReport | PlannedReport)[] {
  if (report !== undefined || prepared === undefined || mode !== 'plan') return report?.machines ?? []
  return plannedReports(prepared)
}

export function machinesByName(ending: Ending): Readonly<Record<string, MachineReport | PlannedReport>> {
  return Object.fromEntries(machinesOf(ending).map((machine) => [machine.name, machine]))
}

/** Returns the address of each machine. A machine without a known address is left out. */
export function addressesByName(ending: Ending): Readonly<Record<string, string>> {
  const machines = thereAfter(ending).map((machine) => [machine.name, addressOf(machine)] as const)
  return Object.fromEntries(machines.flatMap(([name, address]) => (address === undefined ? [] : [[name, address]])))
}

export function inventoryText(ending: Ending): string {
  return ansibleInventory(thereAfter(ending).flatMap((machine) => inventoryMachine(machine, ending.prepared?.desired)))
}

/** Returns the machines that exist after the run. */
function thereAfter(ending: Ending): readonly (MachineReport | PlannedReport)[] {
  const isPlan = ending.summary.report === undefined
  return machinesOf(ending).filter(({ status, power }) => (isPlan ? power !== undefined : status !== 'destroyed'))
}

/** Returns nothing for a machine that could not be created. */
function inventoryMachine(
  report: MachineReport | PlannedReport,
  desired: Desired | undefined,
): readonly InventoryMachine[] {
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
