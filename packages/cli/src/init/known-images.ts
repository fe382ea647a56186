// Images that `init` knows by name: where the vendors publish them, with their checksum documents.

export const IMAGES: Readonly<Record<string, { readonly url: string; readonly checksum: string }>> = {
  'debian-13': {
    url: 'https://cloud.debian.org/images/cloud/trixie/latest/debian-13-genericcloud-amd64.qcow2',
    checksum: 'https://cloud.debian.org/images/cloud/trixie/latest/SHA512SUMS',
  },
  'ubuntu-24.04': {
    url: 'https://cloud-images.ubuntu.com/releases/noble/release/ubuntu-24.04-server-cloudimg-amd64.img',
    checksum: 'https://cloud-images.ubuntu.com/releases/noble/release/SHA256SUMS',
  },
  'rocky-9': {
    url: 'https://dl.rockylinux.org/pub/rocky/9/images/x86_64/Rocky-9-GenericCloud-Base.latest.x86_64.qcow2',
    checksum: 'https://dl.rockylinux.org/pub/rocky/9/images/x86_64/CHECKSUM',
  },
  'almalinux-9': {
    url: 'https://repo.almalinux.org/almalinux/9/cloud/x86_64/images/AlmaLinux-9-GenericCloud-latest.x86_64.qcow2',
    checksum: 'https://repo.almalinux.org/almalinux/9/cloud/x86_64/images/CHECKSUM',
  },
}
