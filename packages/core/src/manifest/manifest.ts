// Types of a manifest after parsing and expansion: plain data with defaults filled in, one entry for each machine.
import type { Build } from './build-recipe.ts'

/** A digest with its algorithm, in lower-case hex digits. */
export type Digest = `${'sha256' | 'sha512'}:${string}`
/** Formats that are detected from the content. */
export type ImageFormat = 'qcow2' | 'raw' | 'vmdk' | 'vdi' | 'vhdx' | 'vpc'
export type Compression = 'none' | 'xz' | 'zstd' | 'gzip' | 'bzip2'
export type Route = 'pull' | 'push' | 'local'

/** The desired state: the manifest with names, counts and defaults expanded. */
export interface Desired {
  readonly project: string
  /** The files that were read, as the caller named them, in order. */
  readonly files: readonly string[]
  /** The same files as markers name them, and folders, which end with a slash. Standard input is not included. */
  readonly origins: readonly string[]
  readonly images: ReadonlyMap<string, Image>
  readonly machines: readonly Machine[]
  readonly vmids: { readonly from: number; readonly to: number }
  readonly limits: Limits
  /** Messages about the manifest and its files that are not problems. */
  readonly notes?: readonly ManifestNote[]
}

/** A message with its position. */
export interface ManifestNote extends Position {
  readonly message: string
}

/** An image of the manifest, by its source. */
export type Image = AddressImage | FileImage | TemplateImage | VolumeImage | BuiltImage | UnknownImage

/** Keys that all images have, whatever their source. */
interface ImageBase {
  readonly name: string
  /** Wanted format on the storage. Default: the format of the image. */
  readonly format?: 'qcow2' | 'raw'
  /** Where to convert if the format differs. `auto`: in Proxmox if its import converts anyway, else on the runner. */
  readonly convert: 'auto' | 'runner' | 'proxmox'
  readonly route: Route | 'auto'
  /** The disk image inside an archive. Default: the only one. */
  readonly member?: string
  /** True if CD drives use it. It is uploaded as it is, and no disk is created from it. */
  readonly isIso?: boolean
  readonly position?: Position
}

/** An image on a web server. */
export interface AddressImage extends ImageBase {
  readonly kind: 'address'
  readonly url: URL
  readonly mirrors: readonly URL[]
  /** A pinned digest, or the address of a checksum document. Without it, only the lock file can contain the digest. */
  readonly checksum?: Digest | URL
  readonly signature?: Signature
  /** Secrets in its addresses, decoded. They are never written to a file. */
  readonly secrets?: readonly string[]
  /** Its name in the checksum document. Default: the last segment of its address. */
  readonly fileName?: string
}

/** An image that is a file on this computer. */
export interface FileImage extends ImageBase {
  readonly kind: 'file'
  /** The path to open. It is no longer relative to the manifest's folder. */
  readonly path: string
  /** A pinned digest. Without it, only the lock file can contain the digest. */
  readonly checksum?: Digest
}

/** An existing template in Proxmox. It is cloned, never changed. */
export interface TemplateImage extends ImageBase {
  readonly kind: 'template'
  readonly template: { readonly vmid: number } | { readonly name: string } | { readonly tag: string }
}

/** An existing volume in Proxmox, such as `local:import/debian.qcow2`. */
export interface VolumeImage extends ImageBase {
  readonly kind: 'volume'
  readonly volume: string
}

/** The unknown origin of adopted machines. Existing machines are kept, and no new ones can be created from it. */
export interface UnknownImage extends ImageBase {
  readonly kind: 'unknown'
}

/** An image that is built by booting another image once with a recipe. */
export interface BuiltImage extends ImageBase {
  readonly kind: 'built'
  /** Name of the image that it is built from. */
  readonly from: string
  readonly build: Build
  /** The secrets in its recipe. They are never written down. */
  readonly secrets?: readonly string[]
}

export interface Signature {
  /** Address of a detached signature of the checksum document. Without it, the document must be clearsigned. */
  readonly url?: URL
  /** Armored public keys. A signature by any of them is enough. */
  readonly keys: readonly string[]
}

/** HA settings of a machine. Settings that are absent are unchanged in Proxmox. */
export interface HighAvailability {
  /** Proxmox VE 8 only. */
  readonly group?: string
  /** Since Proxmox VE 9: `node` or `node:priority`. */
  readonly nodes?: readonly string[]
  readonly strict?: boolean
  readonly maxRestart?: number
  readonly maxRelocate?: number
}

/** A machine as the manifest declares it, with defaults and profiles filled in. */
export interface Machine {
  /** Name in Proxmox, unique within the project: `web`, `worker-2`. */
  readonly name: string
  /** The manifest's entry of the machine: `web`, `worker`. */
  readonly entry: string
  /** Its number within its entry, from 1. */
  readonly index: number
  readonly image: string
  readonly vmid?: number
  /** Its former name. The VM is renamed in place. */
  readonly renamedFrom?: string
  /** Allowed nodes. If there is only one, the machine is placed there. */
  readonly nodes: readonly [string, ...string[]]
  /** Nodes that this run leaves out, of those that it may be on: see `plan/day-two/left-out-nodes.ts`. */
  readonly leftOutNodes?: readonly string[]
  readonly storage: { readonly images: string; readonly disks: string }
  readonly cpu: Cpu
  readonly memory: Memory
  /** The boot disk, cloned from the image. */
  readonly disk: Disk
  /** Additional disks. */
  readonly disks: readonly Disk[]
  readonly cdroms: readonly Cdrom[]
  readonly networks: readonly Network[]
  readonly devices: readonly Device[]
  readonly firmware: Firmware
  readonly machineType?: string
  readonly osType: string
  readonly serial: boolean
  readonly vga?: { readonly type: string; readonly memoryMiB?: number }
  /** Absent: no device. */
  readonly rng?: { readonly source: string; readonly maxBytes?: number; readonly periodMs?: number }
  /** Absent: no device. */
  readonly watchdog?: { readonly model: string; readonly action: string }
  /** Texts of SMBIOS type 1. Absent texts are unchanged. */
  readonly smbios?: Smbios
  readonly agent: boolean
  readonly bootOrder?: readonly string[]
  readonly onBoot: boolean
  readonly startup?: { readonly order?: number; readonly upSeconds?: number; readonly downSeconds?: number }
  readonly pool?: string
  readonly ha?: HighAvailability
  readonly tags: readonly string[]
  readonly description?: string
  readonly protection: boolean
  readonly cloudInit?: CloudInit
  readonly start: boolean
  readonly wait: Wait
  readonly rollout?: Rollout
  /** Seconds from the creation of the machine. */
  readonly expiresSeconds?: number
  /** Create a full clone even if the storage supports linked clones. */
  readonly fullClone: boolean
  /** The file that contains its entry, as markers name it. */
  readonly file?: string
  readonly position?: Position
  /** Returns the position of a key that is stated in its entry, a profile or the defaults. */
  readonly positionOf?: (key: string) => Position | undefined
  /**
   * Keys that the manifest sets (in the entry, a profile or the defaults). Only these are compared with the current
   * state.
   */
  readonly declared: ReadonlySet<string>
}

/**
 * The content of a CD drive: a volume such as `local:iso/virtio-win.iso`, or an image of the manifest that is an ISO.
 */
export type Cdrom = { readonly volume: string } | { readonly image: string }

export interface Cpu {
  readonly cores: number
  readonly sockets: number
  readonly type?: string
  readonly numa: boolean
  /** In cores. 0 means no limit. */
  readonly limit?: number
  readonly units?: number
}

export interface Memory {
  readonly memoryMiB: number
  /** Minimum for ballooning. 0 disables the device. Absent: Proxmox's default. */
  readonly balloonMiB?: number
}

export interface Disk {
  /** Absent on a boot disk: the size of the image. */
  readonly sizeBytes?: number
  readonly storage?: string
  readonly cache?: string
  readonly discard?: boolean
  readonly ssd?: boolean
  readonly ioThread?: boolean
  readonly backup?: boolean
  readonly replicate?: boolean
  readonly aio?: string
  readonly serial?: string
  readonly limits?: DiskLimits
  /** Additional disks only. Default: scsi. */
  readonly bus?: 'scsi' | 'virtio' | 'sata'
  /** Additional disks only: the image it starts with. Absent: it starts empty. */
  readonly image?: string
}

/** I/O limits of a disk. */
export interface DiskLimits {
  readonly readMBps?: number
  readonly writeMBps?: number
  readonly readIops?: number
  readonly writeIops?: number
}

/** A device of the node, by the name of its resource mapping. */
export type Device =
  | {
      readonly kind: 'pci'
      readonly mapping: string
      readonly pcie?: boolean
      readonly primaryGpu?: boolean
      readonly romBar?: boolean
      readonly mdev?: string
    }
  | { readonly kind: 'usb'; readonly mapping: string; readonly usb3?: boolean }
  | {
      readonly kind: 'virtiofs'
      readonly mapping: string
      readonly cache?: string
      readonly directIo?: boolean
      readonly xattr?: boolean
      readonly acl?: boolean
    }

export interface Smbios {
  readonly serial?: string
  readonly manufacturer?: string
  readonly product?: string
  readonly version?: string
  readonly sku?: string
  readonly family?: string
}

/** How to replace or restart several machines. */
export interface Rollout {
  /** How many machines at the same time. */
  readonly batch: number
  /** When a machine counts as healthy. Default: its own `wait`. */
  readonly wait?: Wait
  /** The rollout stops after this many failures. */
  readonly maxFailures: number
}

export interface Network {
  readonly bridge: string
  readonly model: string
  readonly vlan?: number
  readonly mac?: string
  readonly firewall?: boolean
  /** MB/s, as Proxmox counts them. */
  readonly rateMBps?: number
  readonly mtu?: number
  /** VLANs and ranges that reach the guest tagged: `10`, `100-199`. */
  readonly trunks?: readonly string[]
  readonly queues?: number
  readonly linkDown?: boolean
}

export interface Firmware {
  readonly bios: 'seabios' | 'ovmf'
  readonly secureBoot: boolean
  readonly tpm: boolean
}

export interface CloudInit {
  readonly user?: string
  readonly password?: string
  readonly sshKeys: readonly string[]
  /** Addresses of further keys, one key on each line. They are downloaded when the cluster is observed. */
  readonly sshKeyUrls: readonly URL[]
  /** One entry for each network, in order. */
  readonly addresses: readonly Address[]
  readonly nameservers: readonly string[]
  readonly searchDomains: readonly string[]
  readonly upgrade?: boolean
  /** Custom documents. If there is any, this program creates a NoCloud ISO. */
  readonly userData?: GuestDocument
  readonly networkConfig?: string
  readonly vendorData?: GuestDocument
}

/** A document for a guest: text, or bytes if it is not UTF-8 text (compressed, or multi-part). */
export type GuestDocument = string | { readonly base64: string }

export interface Address {
  /** `dhcp`, or an address with its prefix. */
  readonly ip?: string
  readonly gateway?: string
  /** `dhcp`, `auto`, or an address with its prefix. */
  readonly ip6?: string
  readonly gateway6?: string
  /** The gateway is outside the prefix on purpose. */
  readonly onLink?: boolean
}

export type Wait =
  | { readonly for: 'none' }
  | { readonly for: 'agent'; readonly seconds: number; readonly required?: boolean }
  | { readonly for: 'port'; readonly port: number; readonly seconds: number; readonly required?: boolean }

/** How many operations run at the same time. */
export interface Limits {
  /** Absent: starts at a width for the type of storage, and grows. */
  readonly perStorage?: number
  /** Absent: grows. */
  readonly perNode?: number
  readonly perTemplate: number
  readonly downloads: number
  readonly perHost: number
  readonly connectionsPerImage: number
  readonly conversions: number
  readonly uploads: number
}

/** A position in a file. Line and column start at 1. */
export interface Position {
  readonly file: string
  readonly line: number
  readonly column: number
}
