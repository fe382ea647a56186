// The defaults of backups on a node without its own (pve-manager `API2/VZDump.pm`, `VZDump.pm`).
import { failure } from '../../errors.ts'
import { storageRules } from '../../storage/storage-config.ts'
import { contentFolder } from '../../storage/volume.ts'
import { type Call, type Endpoint, listOf } from '../call.ts'

export const backupDefaultEndpoints: readonly Endpoint[] = [
  { path: '/nodes/{node}/vzdump/defaults', method: 'GET', handle: defaults },
]

function defaults(call: Call): Record<string, unknown> {
  const id = call.optional('storage') ?? 'local'
  call.needsAny(`/storage/${id}`, 'Datastore.Audit', 'Datastore.AllocateSpace')
  const storage = call.world.storage.storages.get(id)
  if (storage === undefined) throw failure(`storage '${id}' does not exist`)
  if (!storage.content.has('backup')) throw failure(`can't use storage '${id}' for backups - wrong content type`)
  const mayAudit = call.may(`/nodes/${call.node}`, 'Sys.Audit')
  return {
    storage: id,
    mode: 'snapshot',
    compress: '0',
    'prune-backups': printed(storage.other.get('prune-backups') ?? 'keep-all=1'),
    all: 0,
    bwlimit: 0,
    fleecing: { enabled: 0 },
    lockwait: 180,
    mailnotification: 'always',
    'notification-mode': 'auto',
    performance: { 'max-workers': 16, 'pbs-entries-max': 1_048_576 },
    pigz: 0,
    quiet: 0,
    remove: 1,
    stdexcludes: 1,
    stop: 0,
    stopwait: 10,
    zstd: 1,
    ...(call.world.version === '8.4' && { 'notification-policy': 'always' }),
    ...(mayAudit && { ionice: 7 }),
    ...(mayAudit && storageRules[storage.type].files && { dumpdir: contentFolder(storage, 'backup') }),
  }
}

const printed = (text: string): string => listOf(text).sort().join(',')
