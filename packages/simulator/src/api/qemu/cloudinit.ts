// The cloud-init settings: what changed since the drive was written, and the documents.
import { failure } from '../../errors.ts'
import { metaDocument, networkDocument } from '../../guests/cloud-init/documents.ts'
import { renewDrive } from '../../guests/cloud-init/generate.ts'
import { addedKeys } from '../../guests/cloud-init/record-change.ts'
import { userDocument } from '../../guests/cloud-init/user-data.ts'
import { withGuestLock } from '../../guests/guest-locks.ts'
import { checkUnlocked } from '../../guests/power.ts'
import type { ConfigValue, VmConfig } from '../../state/vm-config.ts'
import { quietTask } from '../../tasks/quiet-task.ts'
import type { Call, Endpoint } from '../call.ts'

const root = '/nodes/{node}/qemu/{vmid}/cloudinit'

export const qemuCloudInitEndpoints: readonly Endpoint[] = [
  { path: root, method: 'GET', handle: showPending },
  { path: root, method: 'PUT', handle: renew },
  { path: `${root}/dump`, method: 'GET', handle: dump },
]

/** Addresses, name and networks are recorded as well, but not listed (`$cloudinitoptions` of qemu-server). */
const listed = ['cicustom', 'cipassword', 'citype', 'ciuser', 'ciupgrade', 'nameserver', 'searchdomain', 'sshkeys']

/** qemu-server `Qemu.pm:cloudinit_pending`: not a complete list of differences, as on a real server. */
function showPending(call: Call): readonly Record<string, unknown>[] {
  const { config } = call.world.machines.get(call.node, call.integer('vmid'))
  const { values, cloudInit } = config
  const added = addedKeys(cloudInit)
  const recorded = [...cloudInit.keys()].filter((key) => key !== 'added')
  return [
    ...[...added].map((key) => ({ key, pending: shown(key, values.get(key)) })),
    ...listed.filter((key) => isSet(values.get(key)) && !added.has(key)).map((key) => listedRow(config, key)),
    ...recorded.filter((key) => !isSet(values.get(key))).map((key) => ({ key, delete: 1 })),
  ]
}

/** Perl's truth: a `ciupgrade` of 0 is not listed. */
const isSet = (value: ConfigValue | undefined): boolean => value !== undefined && value !== 0 && value !== ''

const shown = (key: string, value: ConfigValue | undefined): ConfigValue | undefined =>
  key === 'cipassword' ? '**********' : value

function listedRow({ values, cloudInit }: VmConfig, key: string): Record<string, unknown> {
  const before = cloudInit.get(key)
  const now = shown(key, values.get(key))
  return isSet(before) ? { key, value: shown(key, before), pending: now } : { key, value: now }
}

async function renew({ world, node, ...call }: Call): Promise<null> {
  const vmid = call.integer('vmid')
  world.machines.get(node, vmid)
  await withGuestLock(world, { node, vmid }, async () => {
    const machine = world.machines.get(node, vmid)
    checkUnlocked(machine)
    await renewDrive(world, { node, machine, task: quietTask() })
  })
  return null
}

function dump(call: Call): string {
  const { config, vmid } = call.world.machines.get(call.node, call.integer('vmid'))
  const type = call.text('type')
  if (type === 'user') return userDocument(config, { vmid, mask: isMasked(call, vmid) })
  const network = networkDocument(config, { root: call.world.root, node: call.node })
  if (type === 'network') return network
  if (type === 'meta') return metaDocument(config, { user: userDocument(config, { vmid }), network })
  throw failure(`unknown type '${type}'`)
}

/**
 * 8.4 checks the privilege on a path whose placeholder is not filled in. So only users with the privilege on all
 * machines see the password.
 */
function isMasked(call: Call, vmid: number): boolean {
  return !call.may(call.world.version === '8.4' ? '/vms/{vmid}' : `/vms/${vmid}`, 'VM.Config.Cloudinit')
}
