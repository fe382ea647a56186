// All endpoints, by method and path template.
import { absentEndpoints } from './absent.ts'
import { accessEndpoints } from './access/access.ts'
import { foreignLoginEndpoints } from './access/foreign-logins.ts'
import { realmSyncEndpoints } from './access/realm-sync.ts'
import type { Endpoint } from './call.ts'
import { backupInfoEndpoints } from './cluster/backup-info.ts'
import { backupJobEndpoints } from './cluster/backup-jobs.ts'
import { clusterEndpoints } from './cluster/cluster.ts'
import { clusterLogEndpoints } from './cluster/cluster-log.ts'
import { resourceEndpoints } from './cluster/cluster-resources.ts'
import { haEndpoints } from './cluster/ha/ha.ts'
import { mappingEndpoints } from './cluster/mappings.ts'
import { metricEndpoints } from './cluster/metrics.ts'
import { notificationEndpoints } from './cluster/notifications.ts'
import { clusterOptionEndpoints } from './cluster/options.ts'
import { poolEndpoints } from './cluster/pools.ts'
import { replicationEndpoints } from './cluster/replication.ts'
import { subnetEndpoints } from './cluster/sdn/subnets.ts'
import { vnetEndpoints } from './cluster/sdn/vnets.ts'
import { zoneEndpoints } from './cluster/sdn/zones.ts'
import { firewallEndpoints } from './firewall/firewall.ts'
import { indexEndpoints } from './indexes.ts'
import { backupDefaultEndpoints } from './nodes/backup-defaults.ts'
import { bulkPowerEndpoints } from './nodes/bulk-power.ts'
import { capabilityEndpoints } from './nodes/capabilities.ts'
import { nodeFactEndpoints } from './nodes/facts.ts'
import { networkEndpoints } from './nodes/network.ts'
import { nodeConfigEndpoints } from './nodes/node-options.ts'
import { nodeEndpoints } from './nodes/nodes.ts'
import { observationEndpoints } from './nodes/observations.ts'
import { serviceEndpoints } from './nodes/services.ts'
import { systemEndpoints } from './nodes/system.ts'
import { qemuAgentEndpoints } from './qemu/agent.ts'
import { qemuCloneEndpoints } from './qemu/clone.ts'
import { qemuCloudInitEndpoints } from './qemu/cloudinit.ts'
import { qemuConfigEndpoints } from './qemu/config.ts'
import { qemuConsoleEndpoints } from './qemu/console.ts'
import { qemuCreateEndpoints } from './qemu/create.ts'
import { qemuDeleteEndpoints } from './qemu/delete.ts'
import { qemuDiskEndpoints } from './qemu/disk.ts'
import { qemuListEndpoints } from './qemu/list.ts'
import { qemuMoveEndpoints } from './qemu/move.ts'
import { qemuPowerEndpoints } from './qemu/power.ts'
import { qemuSnapshotEndpoints } from './qemu/snapshot.ts'
import { contentEndpoints } from './storage/content.ts'
import { storageDefinitionEndpoints } from './storage/definitions.ts'
import { downloadEndpoints } from './storage/download.ts'
import { pruneBackupsEndpoints } from './storage/prune-backups.ts'
import { storageEndpoints } from './storage/storage.ts'
import { uploadEndpoints } from './storage/upload.ts'
import { taskEndpoints } from './tasks.ts'
import { versionEndpoints } from './version.ts'

/** All endpoints that are answered. Others get a 501. */
export const endpoints: readonly Endpoint[] = [
  ...versionEndpoints,
  ...accessEndpoints,
  ...realmSyncEndpoints,
  ...foreignLoginEndpoints,
  ...clusterEndpoints,
  ...clusterLogEndpoints,
  ...clusterOptionEndpoints,
  ...mappingEndpoints,
  ...resourceEndpoints,
  ...haEndpoints,
  ...poolEndpoints,
  ...indexEndpoints,
  ...absentEndpoints,
  ...firewallEndpoints,
  ...backupJobEndpoints,
  ...backupInfoEndpoints,
  ...metricEndpoints,
  ...notificationEndpoints,
  ...replicationEndpoints,
  ...zoneEndpoints,
  ...vnetEndpoints,
  ...subnetEndpoints,
  ...nodeEndpoints,
  ...nodeFactEndpoints,
  ...nodeConfigEndpoints,
  ...systemEndpoints,
  ...networkEndpoints,
  ...serviceEndpoints,
  ...observationEndpoints,
  ...backupDefaultEndpoints,
  ...bulkPowerEndpoints,
  ...capabilityEndpoints,
  ...storageDefinitionEndpoints,
  ...storageEndpoints,
  ...contentEndpoints,
  ...pruneBackupsEndpoints,
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
  ...qemuConsoleEndpoints,
  ...qemuAgentEndpoints,
  ...qemuCloudInitEndpoints,
]

const byKey = new Map(endpoints.map((endpoint) => [`${endpoint.method} ${endpoint.path}`, endpoint]))

export function findEndpoint(method: string, template: string): Endpoint | undefined {
  return byKey.get(`${method} ${template}`)
}
