// Images that `init` knows by name, as in examples/vendors.yaml, with their addresses and checksum documents.

export const IMAGES: Readonly<Record<string, { readonly url: string; readonly checksum: string }>> = {
  'debian-13': {
    url: 'https://cloud.debian.org/images/cloud/trixie/latest/debian-13-genericcloud-amd64.qcow2',
    checksum: 'https://cloud.debian.org/images/cloud/trixie/latest/SHA512SUMS',
  },
  'debian-12': {
    url: 'https://cloud.debian.org/images/cloud/bookworm/latest/debian-12-genericcloud-amd64.qcow2',
    checksum: 'https://cloud.debian.org/images/cloud/bookworm/latest/SHA512SUMS',
  },
  'ubuntu-24.04': {
    url: 'https://cloud-images.ubuntu.com/releases/noble/release/ubuntu-24.04-server-cloudimg-amd64.img',
    checksum: 'https://cloud-images.ubuntu.com/releases/noble/release/SHA256SUMS',
  },
  'ubuntu-22.04': {
    url: 'https://cloud-images.ubuntu.com/releases/jammy/release/ubuntu-22.04-server-cloudimg-amd64.img',
    checksum: 'https://cloud-images.ubuntu.com/releases/jammy/release/SHA256SUMS',
  },
  'rocky-9': {
    url: 'https://dl.rockylinux.org/pub/rocky/9/images/x86_64/Rocky-9-GenericCloud-Base.latest.x86_64.qcow2',
    checksum: 'https://dl.rockylinux.org/pub/rocky/9/images/x86_64/CHECKSUM',
  },
  'almalinux-9': {
    url: 'https://repo.almalinux.org/almalinux/9/cloud/x86_64/images/AlmaLinux-9-GenericCloud-latest.x86_64.qcow2',
    checksum: 'https://repo.almalinux.org/almalinux/9/cloud/x86_64/images/CHECKSUM',
  },
  'centos-stream-9': {
    url: 'https://cloud.centos.org/centos/9-stream/x86_64/images/CentOS-Stream-GenericCloud-9-latest.x86_64.qcow2',
    checksum:
      'https://cloud.centos.org/centos/9-stream/x86_64/images/CentOS-Stream-GenericCloud-9-latest.x86_64.qcow2.SHA256SUM',
  },
  'opensuse-leap-15.6': {
    url: 'https://download.opensuse.org/distribution/leap/15.6/appliances/openSUSE-Leap-15.6-Minimal-VM.x86_64-Cloud.qcow2',
    checksum:
      'https://download.opensuse.org/distribution/leap/15.6/appliances/openSUSE-Leap-15.6-Minimal-VM.x86_64-Cloud.qcow2.sha256',
  },
  arch: {
    url: 'https://geo.mirror.pkgbuild.com/images/latest/Arch-Linux-x86_64-cloudimg.qcow2',
    checksum: 'https://geo.mirror.pkgbuild.com/images/latest/Arch-Linux-x86_64-cloudimg.qcow2.SHA256',
  },
  'freebsd-14': {
    url: 'https://download.freebsd.org/releases/VM-IMAGES/14.3-RELEASE/amd64/Latest/FreeBSD-14.3-RELEASE-amd64-BASIC-CLOUDINIT-ufs.qcow2.xz',
    checksum: 'https://download.freebsd.org/releases/VM-IMAGES/14.3-RELEASE/amd64/Latest/CHECKSUM.SHA512',
  },
}

/** The default image of a new manifest. */
export const USUAL_IMAGE = 'debian-13'

/** Releases by code name. */
const CODE_NAMES: Readonly<Record<string, string>> = {
  trixie: 'debian-13',
  bookworm: 'debian-12',
  noble: 'ubuntu-24.04',
  jammy: 'ubuntu-22.04',
}

/** `debian12`, `Debian 12`, `bookworm` → `debian-12`. Returns undefined for an unknown image. */
export function knownImage(wanted: string): string | undefined {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '')
  const release = plain(wanted).replace(/(?:cloud|server|generic|image|amd64|x8664|lts)/g, '')
  const [, code] = Object.entries(CODE_NAMES).find(([name]) => release.includes(name)) ?? []
  return Object.keys(IMAGES).find((key) => [plain(wanted), release].includes(plain(key))) ?? code
}
