// Directories of the API: the names below a path. They are the same on all servers of a version, simulated or not.
import type { Call, Endpoint } from './call.ts'

interface Index {
  readonly path: string
  /** The key of the entries: `{ name: 'log' }`. */
  readonly key: string
  readonly names: string
  /** The names since 9, if they differ. */
  readonly names9?: string
}

const indexes: readonly Index[] = [
  { path: '/', key: 'subdir', names: 'version cluster nodes storage access pools' },
  { path: '/access/openid', key: 'subdir', names: 'auth-url login' },
  {
    path: '/cluster',
    key: 'name',
    names:
      'acme backup backup-info ceph config firewall ha jobs log mapping metrics notifications nextid options replication resources status tasks sdn',
    names9:
      'acme backup backup-info bulk-action ceph config firewall ha jobs log mapping metrics notifications nextid options qemu replication resources status tasks sdn',
  },
  { path: '/cluster/acme', key: 'name', names: 'account tos meta directories plugins challenge-schema' },
  { path: '/cluster/backup-info', key: 'subdir', names: 'not-backed-up' },
  { path: '/cluster/bulk-action', key: 'name', names: 'guest' },
  { path: '/cluster/bulk-action/guest', key: 'name', names: 'start shutdown migrate suspend' },
  { path: '/cluster/ceph', key: 'name', names: 'metadata status flags', names9: 'metadata status flags restart-bulk' },
  { path: '/cluster/config', key: 'name', names: 'nodes totem join qdevice apiversion' },
  { path: '/cluster/firewall', key: 'name', names: 'aliases rules options groups ipset macros refs' },
  { path: '/cluster/jobs', key: 'subdir', names: 'schedule-analyze realm-sync' },
  { path: '/cluster/mapping', key: 'name', names: 'dir pci usb' },
  { path: '/cluster/metrics', key: 'name', names: 'server' },
  {
    path: '/cluster/notifications',
    key: 'name',
    names: 'endpoints matchers targets matcher-fields matcher-field-values',
  },
  { path: '/cluster/notifications/endpoints', key: 'name', names: 'gotify sendmail smtp webhook' },
  { path: '/cluster/qemu', key: 'name', names: 'cpu-flags custom-cpu-models' },
  {
    path: '/cluster/sdn',
    key: 'id',
    names: 'vnets zones controllers ipams dns',
    names9: 'vnets zones controllers ipams dns fabrics',
  },
  {
    path: '/nodes/{node}',
    key: 'name',
    names:
      'aplinfo apt capabilities ceph certificates config disks dns firewall hardware hosts journal lxc migrateall netstat network qemu query-url-metadata replication report rrd rrddata scan services spiceshell startall status stopall storage subscription suspendall syslog tasks termproxy time version vncshell vzdump wakeonlan sdn',
    names9:
      'aplinfo apt capabilities ceph certificates config disks dns firewall hardware hosts journal lxc migrateall netstat network qemu query-oci-repo-tags query-url-metadata replication report rrd rrddata scan sdn services spiceshell startall status stopall storage subscription suspendall syslog tasks termproxy time version vncshell vzdump wakeonlan',
  },
  { path: '/nodes/{node}/apt', key: 'id', names: 'changelog repositories update versions' },
  {
    path: '/nodes/{node}/ceph',
    key: 'name',
    names: 'cfg cmd-safety crush fs init log mds mgr mon osd pool restart rules start status stop',
    names9:
      'cmd-safety cfg crush fs init log mds mgr mon osd pool releases restart restart-bulk rules start status stop',
  },
  { path: '/nodes/{node}/ceph/cfg', key: 'name', names: 'raw db value' },
  { path: '/nodes/{node}/certificates', key: 'name', names: 'acme custom info' },
  { path: '/nodes/{node}/certificates/acme', key: 'name', names: 'certificate' },
  { path: '/nodes/{node}/disks', key: 'name', names: 'list initgpt smart lvm lvmthin directory wipedisk zfs' },
  { path: '/nodes/{node}/lxc/{vmid}/firewall', key: 'name', names: 'rules aliases ipset refs options' },
  { path: '/nodes/{node}/firewall', key: 'name', names: 'rules options log' },
  { path: '/nodes/{node}/hardware', key: 'type', names: 'pci usb' },
  { path: '/nodes/{node}/hardware/pci/{pci-id-or-mapping}', key: 'method', names: 'mdev' },
  {
    path: '/nodes/{node}/qemu/{vmid}',
    key: 'subdir',
    names:
      'config cloudinit pending status unlink vncproxy termproxy migrate resize move rrd rrddata monitor agent snapshot spiceproxy sendkey firewall mtunnel remote_migrate',
  },
  {
    path: '/nodes/{node}/qemu/{vmid}/agent',
    key: 'name',
    names:
      'exec exec-status file-read file-write fsfreeze-freeze fsfreeze-status fsfreeze-thaw fstrim get-fsinfo get-host-name get-memory-block-info get-memory-blocks get-osinfo get-time get-timezone get-users get-vcpus info network-get-interfaces ping set-user-password shutdown suspend-disk suspend-hybrid suspend-ram',
  },
  { path: '/nodes/{node}/qemu/{vmid}/firewall', key: 'name', names: 'rules aliases ipset refs options' },
  {
    path: '/nodes/{node}/scan',
    key: 'method',
    names: 'cifs glusterfs iscsi lvm nfs pbs zfs',
    names9: 'cifs iscsi lvm nfs pbs zfs',
  },
  { path: '/nodes/{node}/sdn', key: 'name', names: 'zones', names9: 'fabrics vnets zones' },
  {
    path: '/nodes/{node}/storage/{storage}',
    key: 'subdir',
    names: 'content download-url file-restore import-metadata prunebackups rrd rrddata status upload',
    names9:
      'content download-url file-restore import-metadata identity oci-registry-pull prunebackups rrd rrddata status upload',
  },
  { path: '/nodes/{node}/tasks/{upid}', key: 'name', names: 'log status' },
]

/** Lists of objects that cannot be created in the simulator, so they are empty. Creating one gets a `501`. */
const empty =
  `/access/tfa /cluster/acme/account /cluster/qemu/custom-cpu-models /cluster/sdn/controllers /cluster/sdn/dns
/nodes/{node}/apt/update /nodes/{node}/hardware/usb /nodes/{node}/lxc /nodes/{node}/replication
/nodes/{node}/sdn/zones`.split(/\s+/)

function entries({ world }: Call, { key, names, names9 = names }: Index): readonly Record<string, string>[] {
  return (world.version === '8.4' ? names : names9).split(' ').map((name) => ({ [key]: name }))
}

export const indexEndpoints: readonly Endpoint[] = [
  ...indexes.map((index): Endpoint => ({ path: index.path, method: 'GET', handle: (call) => entries(call, index) })),
  ...empty.map((path): Endpoint => ({ path, method: 'GET', handle: () => [] })),
]
