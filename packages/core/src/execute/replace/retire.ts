// Renames the old VM to make room for the new one, and restores it if the new one fails.

import { type Marker, readMarker } from '../../facts/cluster/marker.ts'
import {
  nameBeforeRetired,
  type Retirement,
  retiredName,
  retirementOf,
  retirementText,
} from '../../facts/cluster/retired.ts'
import { textOf } from '../../plan/config/property-string.ts'
import { configParameters, type PveApi } from '../../ports/pve/api.ts'
import { isProblem } from '../../ports/pve/call/pve-problem.ts'
import { type GuestPlace, isGone, type OwnGuest, readOwnGuest } from '../guest/guest-config.ts'
import { type Identity, machineIdentity } from '../guest/inspect-guest.ts'
import { runTask } from '../guest/run-task.ts'
import { writeMarker } from '../guest/write-marker.ts'
import { isRunning } from '../remove/remove-guest.ts'
import { pveOf } from '../step-api.ts'
import type { StepContext } from '../step-context.ts'

/** Returns the identity of the old VM while it is being replaced. */
export function retiredIdentity(name: string, context: StepContext): Identity {
  return machineIdentity(retiredName(name), context)
}

/** Renames the old VM and stores its state in the marker. It keeps running. */
export async function retire(name: string, place: GuestPlace, context: StepContext): Promise<Retirement> {
  const read = (): Promise<OwnGuest> =>
    readOwnGuest(place, machineIdentity(name, context), context).catch((thrown: unknown) => {
      if (!isGone(thrown)) throw thrown
      return readOwnGuest(place, retiredIdentity(name, context), context)
    })
  const { config } = await read()
  const known = readMarker(config.description, place.vmid)
  if (known !== undefined && nameBeforeRetired(known.name) !== undefined) return retirementOf(known)
  const retirement = {
    wasRunning: await isRunning(place, context),
    onBoot: textOf(config.onboot) === '1',
    isReturning: false,
    isDone: false,
  }
  let written: Marker | undefined
  // Another run may have retired it meanwhile, and knows if it was running.
  const change = (marker: Marker | undefined) => {
    const isRetired = marker !== undefined && nameBeforeRetired(marker.name) !== undefined
    const own = marker && { ...marker, name: retiredName(name), retired: retirementText(retirement) }
    written = isRetired ? marker : own
    return written
  }
  await writeMarker({ read, change, beside: { onboot: false } }, context)
  return retirementOf(written ?? {})
}

/** How a replacement ends. `back`: the old VM is the machine again. `gone`: it was removed. */
export type End = 'returning' | 'done' | 'back' | 'gone'

/**
 * Writes into the marker of the old VM how its replacement ends: the old VM returns, or the new one is the machine. If
 * several runs replace the same machine, the first one decides. @returns what was decided
 */
export async function decide(
  end: 'returning' | 'done',
  { name, place }: { readonly name: string; readonly place: GuestPlace },
  context: StepContext,
): Promise<End> {
  let written: Marker | undefined
  const change = (marker: Marker | undefined) => {
    const known = retirementOf(marker ?? {})
    const isOpen = !known.isReturning && !known.isDone
    const ended = { ...known, isReturning: end === 'returning', isDone: end === 'done' }
    written = marker && isOpen ? { ...marker, retired: retirementText(ended) } : marker
    return written
  }
  try {
    await writeMarker({ read: () => readOwnGuest(place, retiredIdentity(name, context), context), change }, context)
    return retirementOf(written ?? {}).isDone ? 'done' : 'returning'
  } catch (thrown) {
    if (!isGone(thrown)) throw thrown
    return (await isBack(name, place, context)) ? 'back' : 'gone'
  }
}

async function isBack(name: string, place: GuestPlace, context: StepContext): Promise<boolean> {
  try {
    await readOwnGuest(place, machineIdentity(name, context), context)
    return true
  } catch (thrown) {
    if (!isGone(thrown)) throw thrown
    return false
  }
}

/** Gives the old VM its name back and starts it if it was running. Another run may be doing the same. */
export async function takeBack(name: string, place: GuestPlace, context: StepContext): Promise<void> {
  try {
    await restoreName(name, place, context)
  } catch (thrown) {
    if (!isGone(thrown) || !(await isBack(name, place, context))) throw thrown
  }
}

async function restoreName(name: string, place: GuestPlace, context: StepContext): Promise<void> {
  const read = () => readOwnGuest(place, retiredIdentity(name, context), context)
  const marker = readMarker((await read()).config.description, place.vmid)
  const { wasRunning, onBoot } = retirementOf(marker ?? {})
  await writeMarker(
    {
      read,
      change: (is) => {
        if (is === undefined) return undefined
        const { retired: _, ...rest } = is
        return { ...rest, name }
      },
      beside: { onboot: onBoot },
    },
    context,
  )
  if (wasRunning && !(await isRunning(place, context))) await startAgain(place, context)
}

/** Starts the VM. Proxmox may start it first after a reboot, in its own task. */
export async function startAgain(place: GuestPlace, context: StepContext): Promise<void> {
  const { vmid, node } = place
  const isDone = () => isRunning(place, context)
  const start = (api: PveApi) => api.nodes.$(node).qemu.$(vmid).status.start.$post()
  try {
    await runTask({ guest: place, start, isDone }, context)
  } catch (thrown) {
    if (!isProblem(thrown, 'vm-running')) throw thrown
  }
}

/** Copies the network cards with their MACs, so that the network sees the new VM as the same machine. */
export async function copyCards(from: Pick<OwnGuest, 'config'>, to: OwnGuest, context: StepContext): Promise<void> {
  const cards = Object.entries(from.config).flatMap(([key, value]): [string, string][] =>
    /^net\d+$/.test(key) && typeof value === 'string' && to.config[key] !== value ? [[key, value]] : [],
  )
  if (cards.length === 0) return
  await pveOf(context)
    .nodes.$(to.node)
    .qemu.$(to.vmid)
    .config.$put(configParameters(Object.fromEntries(cards)))
}
