// All endpoints, by method and path template.
import { permissionEndpoints } from './access-permissions.ts'
import { roleEndpoints } from './access-roles.ts'
import { userEndpoints } from './access-users.ts'
import type { Endpoint } from './call.ts'
import { clusterEndpoints } from './cluster.ts'
import { resourceEndpoints } from './cluster-resources.ts'
import { contentEndpoints } from './content.ts'
import { downloadEndpoints } from './download.ts'
import { haEndpoints } from './ha.ts'
import { nodeEndpoints } from './nodes.ts'
import { poolEndpoints } from './pools.ts'
import { qemuAgentEndpoints } from './qemu-agent.ts'
import { qemuCloneEndpoints } from './qemu-clone.ts'
import { qemuCloudInitEndpoints } from './qemu-cloudinit.ts'
import { qemuConfigEndpoints } from './qemu-config.ts'
import { qemuCreateEndpoints } from './qemu-create.ts'
import { qemuDeleteEndpoints } from './qemu-delete.ts'
import { qemuDiskEndpoints } from './qemu-disk.ts'
import { qemuListEndpoints } from './qemu-list.ts'
import { qemuMoveEndpoints } from './qemu-move.ts'
import { qemuPowerEndpoints } from './qemu-power.ts'
import { qemuSnapshotEndpoints } from './qemu-snapshot.ts'
import { realmEndpoints } from './realms.ts'
import { storageEndpoints } from './storage.ts'
import { taskEndpoints } from './tasks.ts'
import { uploadEndpoints } from './upload.ts'
import { versionEndpoints } from './version.ts'

/** Everything that is answered; what is not listed is 501. */
export const endpoints: readonly Endpoint[] = [
  ...versionEndpoints,
  ...permissionEndpoints,
  ...roleEndpoints,
  ...userEndpoints,
  ...realmEndpoints,
  ...clusterEndpoints,
  ...resourceEndpoints,
  ...haEndpoints,
  ...poolEndpoints,
  ...nodeEndpoints,
  ...storageEndpoints,
  ...contentEndpoints,
  ...uploadEndpoints,
  ...downloadEndpoints,
  ...taskEndpoints,
  ...qemuListEndpoints,
  ...qemuCreateEndpoints,
  ...qemuConfigEndpoints,
  ...qemuCloneEndpoints,
  ...qemuPowerEndpoints,
  ...qemuDiskEndpoints,
  ...qemuDeleteEndpoints,
  ...qemuSnapshotEndpoints,
  ...qemuMoveEndpoints,
  ...qemuAgentEndpoints,
  ...qemuCloudInitEndpoints,
]

const byKey = new Map(endpoints.map((endpoint) => [`${endpoint.method} ${endpoint.path}`, endpoint]))

export function findEndpoint(method: string, template: string): Endpoint | undefined {
  return byKey.get(`${method} ${template}`)
}
