// Which changes a running machine can apply: its `hotplug` option, and what its QEMU and guest support.
import { textOf, type VmConfig } from '../../state/vm-config.ts'
import { windowsVersion } from '../options/os-type.ts'

type Feature = 'network' | 'disk' | 'cpu' | 'memory' | 'usb' | 'cloudinit'

/** qemu-server `QemuServer.pm:parse_hotplug_features` */
export function hotplugFeatures(config: VmConfig): ReadonlySet<Feature> {
  const wanted = textOf(config, 'hotplug') ?? '1'
  if (wanted === '0') return new Set()
  const all: readonly Feature[] = ['network', 'disk', 'cpu', 'memory', 'usb', 'cloudinit']
  const words = (wanted === '1' ? 'network,disk,usb' : wanted).split(/[;,\s]+/)
  return new Set(all.filter((feature) => words.includes(feature)))
}

/** USB devices can be hotplugged with Linux, or Windows since 8, on a machine type of 7.1 or newer. */
export function isUsbHotPluggable(config: VmConfig): boolean {
  const [, major, minor] = /-(\d+)\.(\d+)/.exec(textOf(config, 'machine') ?? '') ?? []
  const isOld = major !== undefined && Number(major) * 100 + Number(minor) < 701
  const ostype = textOf(config, 'ostype')
  return hotplugFeatures(config).has('usb') && !isOld && (ostype === 'l26' || windowsVersion(ostype) > 7)
}
