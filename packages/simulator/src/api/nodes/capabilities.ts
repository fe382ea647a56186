// What a node's QEMU can: processors, their flags, machine types.
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

/** Since 9, what Proxmox defines itself is marked. There are no models of the cluster's own. */
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

/** Which nodes support a flag their status daemons tell, of processors that simulated nodes have not. */
function cpuFlags(call: Call): readonly Record<string, unknown>[] {
  if (isForeign(call)) throw notSimulated('Hardware of another architecture')
  return Object.entries(flagDescriptions).map(([name, description]) => ({ name, description, 'supported-on': [] }))
}

function machines(call: Call): readonly MachineType[] {
  if (isForeign(call)) throw notSimulated('Hardware of another architecture')
  return machineTypes(call.world.version)
}
