// Lists the content of an images storage.
import { ProvisionError } from '../../errors.ts'
import { api } from '../../ports/pve/api.ts'
import type { StorageRef } from '../../ports/pve/pve.ts'
import type { World } from '../../ports/world.ts'
import type { VolumeFacts } from '../facts.ts'

/** Lists an images storage. For `import` and `iso` content, `size` is the size of the file (pve-storage Plugin.pm). */
export async function listStorage(
  { node, storage }: StorageRef,
  pve: World['pve'],
  content: 'import' | 'iso' = 'import',
): Promise<readonly VolumeFacts[]> {
  const rows = await api(pve).nodes.$(node).storage.$(storage).content.$get({ content })
  return rows.map(({ volid, size = 0, ctime }) => ({
    volid,
    name: volid.slice(volid.lastIndexOf('/') + 1),
    sizeBytes: size,
    ...(ctime !== undefined && { createdAtMs: ctime * 1000 }),
  }))
}

/** Ids of the disks and other volumes that belong to a guest. */
export async function listVolumesOf(
  vmid: number,
  { node, storage }: StorageRef,
  pve: World['pve'],
): Promise<readonly string[]> {
  const rows = await api(pve).nodes.$(node).storage.$(storage).content.$get({ vmid })
  return rows.map(({ volid }) => volid)
}

/** Returns nothing for a node that does not answer. Then only the steps on that node fail. */
export async function listIfThere(
  storageRef: StorageRef,
  pve: World['pve'],
  content?: 'iso',
): Promise<readonly VolumeFacts[] | undefined> {
  try {
    return await listStorage(storageRef, pve, content)
  } catch (thrown) {
    if (thrown instanceof ProvisionError && thrown.code === 'UNREACHABLE' && thrown.details.node === storageRef.node)
      return undefined
    throw thrown
  }
}
