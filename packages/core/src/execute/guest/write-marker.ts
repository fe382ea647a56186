// Changes the marker of a guest and nothing else.
import { type Marker, OWNER_TAG, readMarker, readText, writeDescription } from '../../facts/cluster/marker.ts'
import { splitTags, textOf, withTag } from '../../plan/config/property-string.ts'
import type { QemuConfigParameters } from '../../ports/pve/api.ts'
import { retryOnConflict } from '../retry-on-conflict.ts'
import { pveOf } from '../step-api.ts'
import type { StepContext } from '../step-context.ts'
import type { GuestPlace, OwnGuest } from './guest-config.ts'

export interface Marking {
  /** Reads the guest and checks that it may be marked. Called again if another user changes the config. */
  readonly read: () => Promise<OwnGuest>
  /** Returns the new marker, or the same object if nothing changes. */
  readonly change: (marker: Marker | undefined) => Marker | undefined
  /** Other options for the same call, such as the name. */
  readonly beside?: QemuConfigParameters | undefined
}

/**
 * Writes the marker, and the tag of the project's machines. If another user changed the config since it was read,
 * Proxmox refuses the call and this reads it again.
 * @returns true if anything was written
 */
export async function writeMarker({ read, change, beside = {} }: Marking, context: StepContext): Promise<boolean> {
  return retryOnConflict(async () => {
    const { vmid, node, config } = await read()
    const is = readMarker(config.description, vmid)
    const marker = change(is)
    if (marker === undefined || (marker === is && Object.keys(beside).length === 0)) return false
    await put({ vmid, node }, { ...beside, ...marked(config, { ...marker, vmid }) }, context)
    return true
  }, context)
}

function marked(config: OwnGuest['config'], marker: Marker): QemuConfigParameters {
  return {
    description: writeDescription(marker, readText(config.description)),
    ...(!splitTags(config.tags).includes(OWNER_TAG) && { tags: withTag(config.tags, OWNER_TAG) }),
    digest: textOf(config.digest) || undefined,
  } as QemuConfigParameters
}

async function put({ vmid, node }: GuestPlace, parameters: QemuConfigParameters, context: StepContext): Promise<void> {
  await pveOf(context).nodes.$(node).qemu.$(vmid).config.$put(parameters)
}
