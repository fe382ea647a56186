// Previews and prunes backups. The simulator creates no backups, so the lists are always empty (pve-storage
// `API2/Storage/PruneBackups.pm`).
import { failure } from '../../errors.ts'
import type { StorageConfig } from '../../storage/storage-config.ts'
import type { Call, Endpoint } from '../call.ts'

const path = '/nodes/{node}/storage/{storage}/prunebackups'

export const pruneBackupsEndpoints: readonly Endpoint[] = [
  { path, method: 'GET', handle: preview },
  { path, method: 'DELETE', handle: prune },
]

function preview(call: Call): readonly never[] {
  checkRetention(call)
  return []
}

function prune(call: Call): Promise<string> {
  const storage = call.text('storage')
  const vmid = call.optional('vmid')
  if (vmid === undefined) call.needs(`/storage/${storage}`, 'Datastore.Allocate')
  else {
    call.needs(`/storage/${storage}`, 'Datastore.AllocateSpace')
    call.needs(`/vms/${vmid}`, 'VM.Backup')
  }
  return call.task('prunebackups', vmid === undefined ? storage : `${vmid}@${storage}`, async () =>
    checkRetention(call),
  )
}

/** @throws if the storage does not support backups, or if there is no retention setting */
function checkRetention(call: Call): void {
  const id = call.text('storage')
  const storage: StorageConfig | undefined = call.world.storage.storages.get(id)
  if (storage === undefined) throw failure(`storage '${id}' does not exist`)
  if (!storage.content.has('backup')) throw failure(`storage '${id}' does not support backups`)
  if (call.optional('prune-backups') === undefined && !storage.other.has('prune-backups')) {
    throw failure(`no prune-backups options configured for storage '${id}'`)
  }
}
