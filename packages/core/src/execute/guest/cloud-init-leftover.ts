// The volume of a cloud-init drive that Proxmox left behind, and can therefore not make again.
import type { GuestFacts } from '../../facts/facts.ts'
import type { Verdict } from '../../plan/compare/compare-machine.ts'
import { isProblem } from '../../ports/pve/call/pve-problem.ts'
import { pveOf } from '../step-api.ts'
import type { StepContext } from '../step-context.ts'

/**
 * While a machine runs, another CD in the place of its cloud-init drive leaves the volume of that drive (qemu-server
 * `vmconfig_update_disk` frees it for an empty drive only), and a new one is refused: "disk image … already exists"
 * (seen on 8.4 and 9.2). The volume is attached by its name then; what it holds is made again at each start.
 * @returns what to set instead; nothing when the failure is another
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
