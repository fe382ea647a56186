// Asks guests whether they booted with the current cloud-init settings. Only the guest knows of a reboot from inside.
import { ProvisionError } from '../../errors.ts'
import { api } from '../../ports/pve/api.ts'
import { askByNode } from '../../ports/pve/ask-by-node.ts'
import type { World } from '../../ports/world.ts'
import type { GuestFacts } from '../facts.ts'

const TIMEOUT_MS = 5_000
/** cloud-init writes the instance that it last ran as here (`cloudinit/stages.py`). */
const INSTANCE_FILE = '/var/lib/cloud/data/instance-id'

/**
 * Marks the guests that did. Asks only running guests with an agent, and only if their marker says that changes wait.
 * If the guest does not answer, the changes keep waiting.
 */
export async function withBoots(
  guests: readonly GuestFacts[],
  { pve }: Pick<World, 'pve'>,
): Promise<readonly GuestFacts[]> {
  const asked = guests.filter(({ marker, status, config }) => {
    return marker.awaits !== undefined && status === 'running' && hasAgent(config.agent)
  })
  const booted = await askByNode(asked, async (guest) => ((await hasBooted(guest, pve)) ? [guest.vmid] : []))
  const known = new Set(booted.flat())
  return known.size === 0
    ? guests
    : guests.map((guest) => (known.has(guest.vmid) ? { ...guest, hasBooted: true } : guest))
}

/** Proxmox returns a number or a text: `1`, `enabled=1,fstrim_cloned_disks=1`. */
function hasAgent(agent: unknown): boolean {
  return Number(agent) === 1 || (typeof agent === 'string' && /^(?:enabled=)?1(?:,|$)/.test(agent))
}

async function hasBooted(guest: GuestFacts, pve: World['pve']): Promise<boolean> {
  try {
    const machine = api(pve, { timeoutMs: TIMEOUT_MS }).nodes.$(guest.node).qemu.$(guest.vmid)
    // Asks the guest first: if it does not answer, the other request is not needed.
    const { content } = await machine.agent['file-read'].$get({ file: INSTANCE_FILE })
    const wanted = instanceOnCd(guest) ?? instanceIn(await machine.cloudinit.dump.$get({ type: 'meta' }))
    return wanted !== undefined && content.trim() === wanted
  } catch (thrown) {
    if (thrown instanceof ProvisionError && thrown.code !== 'CANCELLED') return false
    throw thrown
  }
}

/** The name of our CD holds the instance: `web-seed-3f2a9c0d1e4b5a67.iso` is of `web-3f2a9c0d1e4b`. */
function instanceOnCd({ config: { ide2 } }: GuestFacts): string | undefined {
  const drive = typeof ide2 === 'string' ? ide2 : ''
  const [, name, instance] = /:iso\/(.+)-seed-([0-9a-f]{12})[0-9a-f]{4}\.iso/.exec(drive) ?? []
  return name === undefined ? undefined : `${name}-${instance}`
}

function instanceIn(meta: string): string | undefined {
  return /^instance-id: (\S+)$/m.exec(meta)?.[1]
}
