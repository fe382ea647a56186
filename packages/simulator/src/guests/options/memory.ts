// What memory can be plugged in at run time asks of a machine when it starts (qemu-server `Memory.pm:config`).
import { failure } from '../../errors.ts'
import { textOf, type VmConfig } from '../../state/vm-config.ts'
import { hotplugFeatures } from '../change/hotplug-features.ts'

/** What a machine that takes over memory has from its start, in MiB. */
const staticMegabytes = 1024

/** @throws where memory is to be hot-pluggable and the machine is not made for it */
export function checkHotpluggableMemory(config: VmConfig): void {
  if (!hotplugFeatures(config).has('memory')) return
  if (config.values.get('numa') !== 1) throw failure('NUMA needs to be enabled for memory hotplug')
  if ([...config.values.keys()].some((key) => /^numa\d+$/.test(key))) {
    throw failure('cannot enable memory hotplugging with custom NUMA topology')
  }
  const megabytes = Number((textOf(config, 'memory') ?? '512').replace(/^current=/, ''))
  if (megabytes < staticMegabytes) throw failure(`minimum memory must be ${staticMegabytes}MB`)
}
