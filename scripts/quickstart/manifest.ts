// The quickstart's manifest: three images, six machines on two nodes.

export function manifestText(mirror: string): string {
  return `project: quickstart
images:
  server:
    url: ${mirror}/server-cloudimg-amd64.img
    checksum: ${mirror}/SHA256SUMS
    format: raw                  # the vendor's is a compressed qcow2: Proxmox converts it once
  cloud:
    url: ${mirror}/cloud-generic-amd64.qcow2
    checksum: ${mirror}/SHA512SUMS
  appliance:
    url: ${mirror}/appliance-amd64.raw.xz
    checksum: ${mirror}/CHECKSUM
defaults:
  nodes: [pve1, pve2]            # spread
  storage: { images: local, disks: local }
  cores: 2
  memory: 512 MiB
  network: { bridge: vmbr0 }
  cloudInit:
    user: ops
    sshKeys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGmaCpd5WgxkA1A7jPY2ZsOqbR/2qBGeWrCsjZoITTcC ops@desk]
    ip: dhcp
vms:
  web:    { image: cloud, node: pve1, disk: 1 GiB }
  db:     { image: server, node: pve1, cores: 4, tags: [data] }
  worker: { image: cloud, node: pve2, count: 3 }
  edge:   { image: appliance, node: pve2 }
`
}
