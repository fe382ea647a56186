// What Proxmox derives from `ostype`.

/** 0 for everything except Windows (qemu-server `Helpers.pm:windows_version`). */
export function windowsVersion(ostype: string | undefined): number {
  if (ostype === undefined) return 0
  if (['wxp', 'w2k3', 'w2k'].includes(ostype)) return 5
  if (['w2k8', 'wvista'].includes(ostype)) return 6
  return Number(/^win(\d+)$/.exec(ostype)?.[1] ?? 0)
}
