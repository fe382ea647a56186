// Checks the requirements of memory hotplug when a machine starts (qemu-server `Memory.pm:config`).
import { failure } from '../../errors.ts'
import { textOf, type VmConfig } from '../../state/vm-config.ts'
import { hotplugFeatures } from '../change/hotplug-features.ts'

/** The static memory of a machine with memory hotplug, in MiB. */
const staticMegabytes = 1024

/** @throws if memory hotplug is enabled and the machine does not meet its requirements */
export function checkHotpluggableMemory(config: VmConfig): void {
  if (!hotplugFeatures(config).has('memory')) return
  if (config.values.get('numa') !== 1) throw failure('NUMA needs to be enabled for memory hotplug')
  if ([...config.values.keys()].some((key) => /^numa\d+$/.test(key))) {
    throw failure('cannot enable memory hotplugging with custom NUMA topology')
  }
  const megabytes = Number((textOf(config, 'memory') ?? '512').replace(/^current=/, ''))
  if (megabytes < staticMegabytes) throw failure(`minimum memory must be ${staticMegabytes}MB`)
}
