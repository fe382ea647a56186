// Makes a guest of ours what the manifest declares: one config change, then disks grown.
import type { GuestFacts } from '../facts/facts.ts'
import { type Marker, readMarker } from '../facts/marker.ts'
import type { Machine } from '../manifest/manifest.ts'
import { compareMachine, type Verdict } from '../plan/compare-machine.ts'
import { changeConfig, type GuestPlace, readOwnConfig } from './guest-config.ts'
import type { Identity } from './look-at-guest.ts'
import type { StepContext } from './step-context.ts'

/**
 * Compares again, with the config as it is now, and changes what differs.
 * @returns whether anything was changed
 * @throws ProvisionError `CONFLICT` when it is not ours any more, or cannot be changed in place
 */
export async function bringInLine(machine: Machine, place: GuestPlace, context: StepContext): Promise<boolean> {
  const { project } = context.desired
  const identity: Identity = { project, name: machine.name, kind: 'machine' }
  const config = await readOwnConfig(place, identity, context)
  const verdict = compareMachine(machine, guestOf(place, config), { project })
  if (verdict.problem) throw verdict.problem
  await setConfig(place, { verdict, digest: config['digest'] }, context)
  for (const [disk, bytes] of Object.entries(verdict.grow)) await grow(place, { disk, bytes }, context)
  return verdict.action === 'update'
}

function guestOf(place: GuestPlace, config: Readonly<Record<string, unknown>>): GuestFacts {
  const marker = readMarker(config['description']) as Marker
  return { ...place, name: marker.name, marker, template: false, status: 'unknown', config }
}

async function setConfig(
  place: GuestPlace,
  { verdict, digest }: { readonly verdict: Verdict; readonly digest: unknown },
  context: StepContext,
): Promise<void> {
  if (Object.keys(verdict.set).length === 0 && verdict.remove.length === 0) return
  const removal = verdict.remove.length > 0 ? { delete: verdict.remove.join(',') } : {}
  await changeConfig(place, { ...verdict.set, ...removal, ...(typeof digest === 'string' && { digest }) }, context)
}

async function grow({ vmid, node }: GuestPlace, { disk, bytes }: { readonly disk: string; readonly bytes: number }, context: StepContext): Promise<void> {
  const { world, signal, onRetry } = context
  const size = bytes % 1024 ** 3 === 0 ? `${bytes / 1024 ** 3}G` : `${Math.ceil(bytes / 1024 ** 2)}M`
  // A task since Proxmox VE 8, synchronous before.
  const upid = await world.pve.request<string | null>('PUT', `/nodes/${node}/qemu/${vmid}/resize`, { parameters: { disk, size }, signal, onRetry })
  if (upid) await world.pve.waitForTask(upid, { signal })
}

