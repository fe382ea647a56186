// Works around a cloud-init volume that Proxmox left behind and therefore cannot create again.
import type { GuestFacts } from '../../facts/facts.ts'
import type { Verdict } from '../../plan/compare/compare-machine.ts'
import { isProblem } from '../../ports/pve/call/pve-problem.ts'
import { pveOf } from '../step-api.ts'
import type { StepContext } from '../step-context.ts'

/**
 * If a running VM gets another CD in place of its cloud-init drive, the volume of that drive stays (qemu-server
 * `vmconfig_update_disk` frees it only for an empty drive). Creating a new one fails: "disk image … already exists"
 * (seen on 8.4 and 9.2). So the volume is attached by its name. Its content is written again at each start.
 * @returns what to set instead, or undefined for another failure
 */
export async function withLeftCloudInit(
  { vmid, node }: GuestFacts,
  { set, thrown }: { readonly set: Verdict['set']; readonly thrown: unknown },
  context: StepContext,
): Promise<Verdict['set'] | undefined> {
  const [storage, asked] = String(set.ide2 ?? '').split(':', 2)
  if (storage === undefined || asked?.split(',')[0] !== 'cloudinit' || !isProblem(thrown, 'already-exists'))
    return undefined
  const { content } = pveOf(context).nodes.$(node).storage.$(storage)
  const rows = await content.$get({ content: 'images', vmid })
  const left = rows.find(({ volid }) => new RegExp(`[:/]vm-${vmid}-cloudinit(\\.|$)`).test(volid))
  return left && { ...set, ide2: `${left.volid},media=cdrom` }
}
