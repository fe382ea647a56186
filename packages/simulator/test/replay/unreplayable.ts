// Exchanges that depend on a defect or on timing of the recording host. They are not sent or counted, but listed.

export type Unreplayable = { readonly from: number; readonly to?: number; readonly why: string }

export const unreplayable: readonly Unreplayable[] = [
  { from: 1, why: 'the status daemon had not reported the node yet' },
  { from: 3, why: 'the status daemon had not reported the node yet' },
  { from: 12, why: "the host lacked Proxmox's list of machine versions" },
  { from: 13, why: 'the host had no SSH keys, which /cluster/status reads' },
  { from: 330, to: 332, why: "the host's qemu-img did not know Proxmox's zeroinit filter" },
  { from: 469, why: 'the host could not run KVM, so the machine had not started' },
  { from: 477, why: 'the list shows the start that failed for want of KVM' },
  { from: 479, to: 481, why: "the host's qemu-img did not know `dd -n`" },
  { from: 483, why: "the list shows the start that failed for want of Proxmox's qemu-img" },
  { from: 513, to: 515, why: "the host's qemu-img could not read an image that is in use, Proxmox's can" },
  { from: 518, to: 520, why: "the host's qemu-img could not read an image that is in use, Proxmox's can" },
  { from: 913, why: 'a race in the worker start: it comes by chance' },
  { from: 1077, to: 1079, why: 'the host had no firmware files for UEFI yet' },
  { from: 1156, to: 1158, why: 'the host lacked virt-fw-vars' },
  { from: 1266, why: 'the request never left the client' },
  { from: 1293, why: 'the two hosts had no SSH between them' },
  { from: 1320, to: 1322, why: 'the two hosts had no SSH between them' },
  { from: 1324, why: 'the list shows the migration that failed for want of SSH' },
  { from: 1325, to: 1327, why: "the nodes had a loopback interface each; the simulator's nodes share one" },
]
