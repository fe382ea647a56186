// Remembers what a running machine's cloud-init drive was made of while its configuration moves on.
import type { ConfigValue, VmConfig } from '../../state/vm-config.ts'

const recorded =
  /^(?:cicustom|cipassword|citype|ciuser|ciupgrade|nameserver|searchdomain|sshkeys|ipconfig\d+|name|net\d+)$/

/** As qemu-server `QemuServer.pm:vmconfig_hotplug_pending` does: reverting to the drive's value forgets the change. */
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

/** The keys that the drive does not know at all. */
export function addedKeys(cloudInit: VmConfig['cloudInit']): Set<string> {
  return new Set(
    String(cloudInit.get('added') ?? '')
      .split(',')
      .filter(Boolean),
  )
}
