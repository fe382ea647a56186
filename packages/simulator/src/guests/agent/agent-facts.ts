// Fixed answers of a simulated guest's agent: the agent of Debian 12, in a Debian 13.

import type { Machine } from '../../state/machines.ts'
import { textOf } from '../../state/vm-config.ts'

export const system = {
  id: 'debian',
  name: 'Debian GNU/Linux',
  'pretty-name': 'Debian GNU/Linux 13 (trixie)',
  version: '13 (trixie)',
  'version-id': '13',
  machine: 'x86_64',
  'kernel-release': '6.12.0-cloud-amd64',
  'kernel-version': '#1 SMP PREEMPT_DYNAMIC Debian',
}

const commands =
  'get-cpustats get-diskstats ssh-remove-authorized-keys ssh-add-authorized-keys ssh-get-authorized-keys get-devices get-osinfo get-timezone get-users get-host-name exec exec-status get-memory-block-info set-memory-blocks get-memory-blocks set-user-password get-fsinfo get-disks set-vcpus get-vcpus network-get-interfaces suspend-hybrid suspend-ram suspend-disk fstrim fsfreeze-thaw fsfreeze-freeze-list fsfreeze-freeze fsfreeze-status file-flush file-seek file-write file-read file-close file-open shutdown info set-time get-time ping sync sync-delimited'

export const agentInfo = {
  version: '7.2.22',
  supported_commands: commands.split(' ').map((name) => ({
    enabled: name !== 'get-devices',
    name: `guest-${name}`,
    'success-response': !/^(?:suspend-|shutdown$)/.test(name),
  })),
}

const blockBytes = 128 * 1024 * 1024

export const memoryBlockInfo = { size: blockBytes }

export function memoryBlocks({ config }: Machine): readonly Readonly<Record<string, unknown>>[] {
  const megabytes = Number.parseInt(textOf(config, 'memory') ?? '512', 10)
  const count = Math.ceil((megabytes * 1024 * 1024) / blockBytes)
  return Array.from({ length: count }, (_, index) => ({ 'phys-index': index, online: true, 'can-offline': true }))
}
