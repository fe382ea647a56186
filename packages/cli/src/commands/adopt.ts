// `adopt`: takes over VMs that were created by hand or by another tool, after a plan and a confirmation.
import { apply, ProvisionError, prepareAdopt } from '@pve-provision/core'
import { type RunPlanOptions, runPlan } from './run-plan.ts'

export interface AdoptCommandOptions extends RunPlanOptions {
  readonly all?: boolean
  readonly fromOthers?: boolean
}

export function adoptCommand(
  name: string | undefined,
  vmid: string | undefined,
  options: AdoptCommandOptions,
): Promise<number> {
  const adoptions = adoptionsOf(name, vmid, options)
  const fromOthers = options.fromOthers === true
  return runPlan(options, {
    prepare: (desired, world, how) => prepareAdopt(desired, world, { ...how, adoptions, fromOthers }),
    apply,
    question: 'Adopt these machines?',
    nothing: 'Nothing to adopt: no VM has the name of a machine in the manifest, or all belong to the project already',
  })
}

/** @throws ProvisionError `USAGE` */
function adoptionsOf(name: string | undefined, vmid: string | undefined, { all }: AdoptCommandOptions) {
  if (all && name === undefined) return 'all'
  if (!all && name !== undefined && vmid !== undefined && /^[1-9]\d{2,8}$/.test(vmid))
    return [{ name, vmid: Number(vmid) }]
  throw new ProvisionError('USAGE', 'Give a machine and its VM ID, or --all.', {
    hint: 'pve-provision adopt web 104\npve-provision adopt --all',
  })
}
