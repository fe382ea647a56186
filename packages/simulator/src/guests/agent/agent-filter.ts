// The filter of the guest agent: commands that its configuration in the guest forbids, as on Red Hat and its derivatives.

import type { GuestDisk } from '../../state/boot.ts'
import type { GuestBehaviour } from '../../state/guest-behaviour.ts'

const sysconfig = '/etc/sysconfig/qemu-ga'
const dropIns = '/run/systemd/system/qemu-guest-agent.service.d/'

/** Writes the file that the agent's package installs there. */
export function configureAgent(disk: GuestDisk, { agentRefuses }: GuestBehaviour): void {
  if (agentRefuses.length === 0) return
  const names = agentRefuses.map((name) => `guest-${name}`)
  disk.files[sysconfig] ??= `FILTER_RPC_ARGS="--block-rpcs=${names.join(',')}"\n`
}

/** Returns true if a drop-in replaces the command of the unit by one that does not use the filter. */
export function isUnfiltered({ files }: GuestDisk): boolean {
  const texts = Object.entries(files).flatMap(([file, text]) => (file.startsWith(dropIns) ? [text] : []))
  return texts.some((text) => /^ExecStart=.*qemu-ga(?!.*(?:_RPC|-rpcs|blacklist))/m.test(text))
}
