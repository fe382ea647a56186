// Removes pending changes without an effect (pve-guest-common `AbstractConfig.pm:cleanup_pending`).
import type { VmConfig } from '../../state/vm-config.ts'

export function cleanUpPending({ values, pending, pendingDelete }: VmConfig): void {
  for (const [key, value] of pending) if (String(values.get(key)) === String(value)) pending.delete(key)
  for (const key of pendingDelete.keys()) if (!values.has(key)) pendingDelete.delete(key)
}
