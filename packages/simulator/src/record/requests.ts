// The requests of a recording: those of pve-provision in its order, and invalid ones.

export interface RequestFlow {
  readonly flow: string
  /**
   * `METHOD /path key=value …`; values in braces come from the server or the command line. `SETTLED` waits until the
   * server's status daemon has seen the new machine.
   */
  readonly requests: readonly string[]
}

/** Flows that change nothing. `{none}` is a machine that does not exist. */
export const readingFlows: readonly RequestFlow[] = [
  {
    flow: 'basics',
    requests: [
      'GET /version',
      'GET /nodes',
      'GET /nodes/{node}/status',
      'GET /nodes/{node}/version',
      'GET /nodes/{node}/network',
      'GET /nodes/{node}/network type=any_bridge',
      'GET /cluster/status',
      'GET /cluster/resources',
      'GET /cluster/resources type=vm',
      'GET /cluster/resources type=node',
      'GET /cluster/resources type=storage',
      'GET /cluster/options',
      'GET /access/permissions',
    ],
  },
  {
    flow: 'storages',
    requests: [
      'GET /storage',
      'GET /nodes/{node}/storage',
      'GET /nodes/{node}/storage content=images enabled=1',
      'GET /nodes/{node}/storage storage={storage} format=1',
      'GET /nodes/{node}/storage/{storage}/status',
      'GET /nodes/{node}/storage/{storage}/content',
      'GET /nodes/{node}/storage/{storage}/content content=images vmid={none}',
      'GET /nodes/{node}/storage/{storage}/content content=nonsense',
      'GET /nodes/{node}/storage/none/status',
      'GET /nodes/{node}/storage/none/content',
      'GET /nodes/{node}/storage storage=none',
    ],
  },
  {
    flow: 'capabilities',
    requests: [
      'GET /nodes/{node}/capabilities',
      'GET /nodes/{node}/capabilities/qemu',
      'GET /cluster/mapping',
      'GET /cluster/mapping/pci',
      'GET /cluster/mapping/usb',
      'GET /pools',
      'GET /pools poolid=none-such',
      'GET /cluster/ha/resources',
      'GET /cluster/ha/status/current',
      'GET /cluster/ha/resources/vm:{none}',
      'GET /cluster/nextid vmid={none}',
      'GET /cluster/nextid vmid=99',
    ],
  },
  {
    flow: 'absent',
    requests: [
      'GET /nodes/{node}/qemu',
      'GET /nodes/{node}/qemu/{none}/config',
      'GET /nodes/{node}/qemu/{none}/pending',
      'GET /nodes/{node}/qemu/{none}/status/current',
      'GET /nodes/{node}/qemu/{none}/snapshot',
      'GET /nodes/{node}/qemu/{none}/cloudinit/dump type=user',
      'GET /nodes/{node}/qemu/{none}/agent/network-get-interfaces',
      'GET /nodes/{node}/qemu/x/config',
      'GET /nodes/{node}/tasks limit=5 vmid={none}',
      'GET /nodes/{node}/tasks/nonsense/status',
      'GET /nodes/{node}/tasks/UPID:{node}:00000001:00000001:00000001:qmstart:{none}:root@pam:/status',
      'GET /nodes/none-such/status',
      'GET /none-such',
      'GET /cluster/resources type=nonsense',
      'GET /version nonsense=1',
      'ANONYMOUS GET /version',
      'STRANGER GET /version',
    ],
  },
]

const vm = '/nodes/{node}/qemu/{vmid}'

/** Flows that create machines in a separate pool and remove them again. */
export const writingFlows: readonly RequestFlow[] = [
  {
    flow: 'create',
    requests: [
      'POST /pools poolid={pool}',
      'POST /pools poolid={pool}',
      'POST /nodes/{node}/qemu vmid={vmid} pool={pool} name=bad_name',
      'POST /nodes/{node}/qemu vmid={vmid} pool={pool} scsi0=none-such:1',
      'POST /nodes/{node}/qemu vmid={vmid} pool={pool} memory=1 cores=0 nonsense=1',
      'POST /nodes/{node}/qemu vmid={vmid} pool={pool} name=recorded-1 memory=128 cores=1 ostype=l26 tags=recorded;b scsihw=virtio-scsi-pci ' +
        'scsi0={storage}:1 ide2={storage}:cloudinit net0=virtio=02:00:00:00:00:01,bridge={bridge} serial0=socket ciuser=recorded ' +
        'ipconfig0=ip=192.0.2.10/24,gw=192.0.2.1 nameserver=192.0.2.53 searchdomain=example.com description=a%20note',
      'POST /nodes/{node}/qemu vmid={vmid} pool={pool}',
      `GET ${vm}/config`,
      `GET ${vm}/pending`,
      `GET ${vm}/status/current`,
      `GET ${vm}/cloudinit`,
      `GET ${vm}/cloudinit/dump type=user`,
      `GET ${vm}/cloudinit/dump type=network`,
      `GET ${vm}/feature feature=snapshot`,
      `GET ${vm}/agent/network-get-interfaces`,
      'SETTLED',
      'GET /pools poolid={pool}',
      'GET /nodes/{node}/storage/{storage}/content vmid={vmid}',
    ],
  },
  {
    flow: 'change',
    requests: [
      `PUT ${vm}/config`,
      `PUT ${vm}/config nonsense=1`,
      `PUT ${vm}/config digest=0000000000000000000000000000000000000000 cores=2`,
      `PUT ${vm}/config cores=2 memory=256 tags=z;a;A description=first%0Asecond%0A`,
      `PUT ${vm}/config delete=nameserver,net7`,
      `PUT ${vm}/config scsi1={storage}:0.01`,
      `PUT ${vm}/config delete=scsi1`,
      `PUT ${vm}/config delete=unused0`,
      `PUT ${vm}/config net1=virtio=02:00:00:00:00:02,bridge={bridge},link_down=1`,
      `PUT ${vm}/config ipconfig1=ip=nonsense`,
      `PUT ${vm}/config boot=order=scsi0;scsi7`,
      `POST ${vm}/config balloon=64`,
      `PUT ${vm}/resize disk=scsi0 size=+1M`,
      `PUT ${vm}/resize disk=scsi0 size=1M`,
      `PUT ${vm}/resize disk=scsi7 size=1G`,
      `GET ${vm}/config`,
      `GET ${vm}/pending`,
      `POST ${vm}/status/stop`,
      `POST ${vm}/status/shutdown`,
      `POST ${vm}/status/reboot`,
    ],
  },
  {
    flow: 'clone',
    requests: [
      `POST ${vm}/clone newid={clone} name=recorded-2 full=0`,
      `POST ${vm}/template`,
      `POST ${vm}/template`,
      `GET ${vm}/config`,
      `POST ${vm}/clone newid={clone} name=recorded-2 pool={pool}`,
      `POST ${vm}/clone newid={clone}`,
      'GET /nodes/{node}/qemu/{clone}/config',
      'GET /nodes/{node}/storage/{storage}/content vmid={clone}',
      `DELETE ${vm}`,
      'DELETE /pools poolid={pool}',
      'DELETE /nodes/{node}/qemu/{clone} purge=1 destroy-unreferenced-disks=1',
      `DELETE ${vm} purge=1 destroy-unreferenced-disks=1`,
      `DELETE ${vm}`,
      'DELETE /pools poolid={pool}',
    ],
  },
]
