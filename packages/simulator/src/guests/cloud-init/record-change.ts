// Records the values that are on a running machine's cloud-init drive while its configuration changes.
import type { ConfigValue, VmConfig } from '../../state/vm-config.ts'

const recorded =
  /^(?:cicustom|cipassword|citype|ciuser|ciupgrade|nameserver|searchdomain|sshkeys|ipconfig\d+|name|net\d+)$/

/** Like qemu-server `QemuServer.pm:vmconfig_hotplug_pending`: setting the drive's value again removes the record. */
export function recordChange(
  { cloudInit }: VmConfig,
  key: string,
  { before, after }: { before: ConfigValue | undefined; after: ConfigValue | undefined },
): void {
  if (!recorded.test(key)) return
  const added = addedKeys(cloudInit)
  const old = cloudInit.get(key)
  if (after !== undefined && old !== undefined) {
    if (String(after) === String(old)) forget(cloudInit, added, key)
  } else if (after !== undefined && !added.has(key)) {
    if (before === undefined) added.add(key)
    else cloudInit.set(key, before)
  } else if (after === undefined && before !== undefined && old === undefined) {
    if (!added.delete(key)) cloudInit.set(key, before)
  }
  if (added.size === 0) cloudInit.delete('added')
  else cloudInit.set('added', [...added].sort().join(','))
}

function forget(cloudInit: VmConfig['cloudInit'], added: Set<string>, key: string): void {
  cloudInit.delete(key)
  added.delete(key)
}

/** Returns the keys that are not on the drive at all. */
export function addedKeys(cloudInit: VmConfig['cloudInit']): Set<string> {
  return new Set(
    String(cloudInit.get('added') ?? '')
      .split(',')
      .filter(Boolean),
  )
}
