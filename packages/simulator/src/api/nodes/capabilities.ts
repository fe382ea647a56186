// The capabilities of a node's QEMU: CPU models, flags, machine types.
import { notSimulated } from '../../errors.ts'
import { type MachineType, machineTypes } from '../../guests/options/machine-type.ts'
import { builtInModels, flagDescriptions, reportedModels, vendorOf } from '../../schema/cpu-models.ts'
import type { Call, Endpoint } from '../call.ts'

const root = '/nodes/{node}/capabilities'
const names = (list: string): readonly { readonly name: string }[] => list.split(' ').map((name) => ({ name }))

export const capabilityEndpoints: readonly Endpoint[] = [
  { path: root, method: 'GET', handle: () => names('qemu') },
  {
    path: `${root}/qemu`,
    method: 'GET',
    handle: ({ world }) => names(world.version === '8.4' ? 'cpu machines' : 'cpu cpu-flags machines migration'),
  },
  { path: `${root}/qemu/cpu`, method: 'GET', handle: cpuModels },
  { path: `${root}/qemu/cpu-flags`, method: 'GET', handle: cpuFlags },
  { path: `${root}/qemu/machines`, method: 'GET', handle: machines },
  { path: `${root}/qemu/migration`, method: 'GET', handle: () => ({ 'has-dbus-vmstate': true }) },
]

/** The nodes are x86_64. */
const isForeign = (call: Call): boolean => (call.optional('arch') ?? 'x86_64') !== 'x86_64'

/** Since 9, Proxmox's own models are marked. The cluster has no custom models. */
function cpuModels(call: Call): readonly Record<string, unknown>[] {
  if (isForeign(call)) throw notSimulated('Hardware of another architecture')
  const { version } = call.world
  const mark = version === '8.4' ? {} : { abstract: 1 }
  return [
    ...builtInModels.map((name) => ({ name, custom: 0, ...mark, vendor: vendorOf(name) })),
    ...reportedModels(version)
      .filter((name) => vendorOf(name) !== 'ARM')
      .map((name) => ({ name, custom: 0, vendor: vendorOf(name) })),
  ]
}

/** Status daemons report which nodes support a flag. Simulated nodes have no such CPUs. */
function cpuFlags(call: Call): readonly Record<string, unknown>[] {
  if (isForeign(call)) throw notSimulated('Hardware of another architecture')
  return Object.entries(flagDescriptions).map(([name, description]) => ({ name, description, 'supported-on': [] }))
}

function machines(call: Call): readonly MachineType[] {
  if (isForeign(call)) throw notSimulated('Hardware of another architecture')
  return machineTypes(call.world.version)
}
