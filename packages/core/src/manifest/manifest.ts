// The nouns of a manifest after parsing and expansion: plain data, defaults filled in, one entry a machine.

export type Digest = `${'sha256' | 'sha512'}:${string}`
/** Formats that are recognised by content. */
export type ImageFormat = 'qcow2' | 'raw' | 'vmdk' | 'vdi' | 'vhdx' | 'vpc'
export type Compression = 'none' | 'xz' | 'zstd' | 'gzip' | 'bzip2'
export type Route = 'pull' | 'push' | 'local'

/** What should be: the manifest with names, counts and defaults worked out. */
export interface Desired {
  readonly project: string
  /** The files that it was read from, as they were named, in their order. */
  readonly files: readonly string[]
  /** The same as markers name them, and folders, which end with a slash. Standard input is not among them. */
  readonly origins: readonly string[]
  readonly images: ReadonlyMap<string, Image>
  readonly machines: readonly Machine[]
  readonly vmids: { readonly from: number; readonly to: number }
  readonly limits: Limits
  /** What is worth telling of the manifest and its files, and is no problem. */
  readonly notes?: readonly ManifestNote[]
}

/** Something to tell, with its place. */
export interface ManifestNote extends Position {
  readonly message: string
}

export type Image = AddressImage | FileImage | TemplateImage | VolumeImage | BuiltImage | UnknownImage

/** What all images have, wherever they come from. */
interface ImageBase {
  readonly name: string
  /** Format wanted on the storage; absent: as it comes. */
  readonly format?: 'qcow2' | 'raw'
  /** Who converts when the format differs. `auto`: Proxmox where its import does it anyway, else the runner. */
  readonly convert: 'auto' | 'runner' | 'proxmox'
  readonly route: Route | 'auto'
  /** The disk image inside an archive; absent: the only one. */
  readonly member?: string
  /** CD drives hold it: it is brought as it comes, and no disk is made from it. */
  readonly isIso?: boolean
  readonly position?: Position
}

/** What a web server publishes. */
export interface AddressImage extends ImageBase {
  readonly kind: 'address'
  readonly url: URL
  readonly mirrors: readonly URL[]
  /** A pinned digest, or the address of a checksum document; absent: only the lock file can know. */
  readonly checksum?: Digest | URL
  readonly signature?: Signature
  /** Secrets that its addresses hold, decoded: they are never written down. */
  readonly secrets?: readonly string[]
  /** Its name in the checksum document; absent: the last segment of its address. */
  readonly fileName?: string
}

/** A file on this machine. */
export interface FileImage extends ImageBase {
  readonly kind: 'file'
  /** As the file system takes it: relative to the manifest's folder no more. */
  readonly path: string
  /** A pinned digest; absent: only the lock file can know. */
  readonly checksum?: Digest
}

/** A template that is there; it is cloned, never changed. */
export interface TemplateImage extends ImageBase {
  readonly kind: 'template'
  readonly template: { readonly vmid: number } | { readonly name: string } | { readonly tag: string }
}

/** A volume that is there, such as `local:import/debian.qcow2`. */
export interface VolumeImage extends ImageBase {
  readonly kind: 'volume'
  readonly volume: string
}

/** What machines that were made elsewhere come from, where it is unknown: they are kept, and none can be made. */
export interface UnknownImage extends ImageBase {
  readonly kind: 'unknown'
}

/** Another image, booted once with a recipe. */
export interface BuiltImage extends ImageBase {
  readonly kind: 'built'
  /** The image that it is made from. */
  readonly from: string
  readonly build: Build
}

/** What is done to an image before it becomes another. */
export interface Build {
  readonly packages: readonly string[]
  /** Shell commands, run as root, in this order. */
  readonly run: readonly string[]
  readonly files: readonly BuildFile[]
  readonly userData?: string
  readonly diskBytes?: number
  readonly timeoutSeconds: number
}

export interface BuildFile {
  readonly path: string
  readonly content: string
  /** Octal, such as `0644`. */
  readonly mode: string
  /** `user:group`. */
  readonly owner?: string
}

export interface Signature {
  /** Detached signature over the checksum document; absent: the document is clearsigned. */
  readonly url?: URL
  /** Armoured public keys; a signature by any of them will do. */
  readonly keys: readonly string[]
}

/** What Proxmox's HA manager is told of a machine; what is not stated stays as it is there. */
export interface HighAvailability {
  /** Proxmox VE 8 only. */
  readonly group?: string
  /** Since Proxmox VE 9: `node` or `node:priority`. */
  readonly nodes?: readonly string[]
  readonly strict?: boolean
  readonly maxRestart?: number
  readonly maxRelocate?: number
}

export interface Machine {
  /** Name in Proxmox, and identity within the project: `web`, `worker-2`. */
  readonly name: string
  /** The manifest's entry it comes from: `web`, `worker`. */
  readonly entry: string
  /** Its number within its entry, from 1. */
  readonly index: number
  readonly image: string
  readonly vmid?: number
  /** The name that it had before: renamed in place. */
  readonly renamedFrom?: string
  /** Allowed nodes; one: it is placed there. */
  readonly nodes: readonly [string, ...string[]]
  readonly storage: { readonly images: string; readonly disks: string }
  readonly cpu: Cpu
  readonly memory: Memory
  /** The boot disk, cloned from the image. */
  readonly disk: Disk
  /** Further disks. */
  readonly disks: readonly Disk[]
  readonly cdroms: readonly Cdrom[]
  readonly networks: readonly Network[]
  readonly devices: readonly Device[]
  readonly firmware: Firmware
  readonly machineType?: string
  readonly osType: string
  readonly serial: boolean
  readonly vga?: { readonly type: string; readonly memoryMiB?: number }
  /** Absent: none. */
  readonly rng?: { readonly source: string; readonly maxBytes?: number; readonly periodMs?: number }
  /** Absent: none. */
  readonly watchdog?: { readonly model: string; readonly action: string }
  /** Texts of SMBIOS type 1; what is not stated stays as it is. */
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
  /** Counted from its creation. */
  readonly expiresSeconds?: number
  /** Full clone even where the storage can link. */
  readonly fullClone: boolean
  /** The file that its entry stands in, as markers name it. */
  readonly file?: string
  readonly position?: Position
  /** Where a key that it states stands: in its entry, a profile or the defaults. */
  readonly positionOf?: (key: string) => Position | undefined
  /** Keys that the manifest states itself (by its entry or the defaults): only these are compared with what is. */
  readonly declared: ReadonlySet<string>
}

/** What is in a CD drive: a volume such as `local:iso/virtio-win.iso`, or the ISO that an image of the manifest is. */
export type Cdrom = { readonly volume: string } | { readonly image: string }

export interface Cpu {
  readonly cores: number
  readonly sockets: number
  readonly type?: string
  readonly numa: boolean
  /** In cores; 0 sets no limit. */
  readonly limit?: number
  readonly units?: number
}

export interface Memory {
  readonly memoryMiB: number
  /** Minimum for ballooning; 0 turns the device off; absent: Proxmox's default. */
  readonly balloonMiB?: number
}

export interface Disk {
  /** Absent on a boot disk: the image's own size. */
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
  /** Further disks only; absent: scsi. */
  readonly bus?: 'scsi' | 'virtio' | 'sata'
  /** Further disks only: the image it starts with; absent: it is empty. */
  readonly image?: string
}

/** The most that a disk may read and write. */
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

/** How a replacement or a restart goes through several machines. */
export interface Rollout {
  /** Machines at once. */
  readonly batch: number
  /** When a machine counts as healthy; absent: its own `wait`. */
  readonly wait?: Wait
  /** Failures after which it stops. */
  readonly maxFailures: number
}

export interface Network {
  readonly bridge: string
  readonly model: string
  readonly vlan?: number
  readonly mac?: string
  readonly firewall?: boolean
  /** MB/s, as Proxmox counts it. */
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
  /** Addresses of further keys, one a line; read when the cluster is observed. */
  readonly sshKeyUrls: readonly URL[]
  /** One entry a network, in order. */
  readonly addresses: readonly Address[]
  readonly nameservers: readonly string[]
  readonly searchDomains: readonly string[]
  readonly upgrade?: boolean
  /** Custom documents: any of them makes a NoCloud ISO of our own. */
  readonly userData?: GuestDocument
  readonly networkConfig?: string
  readonly vendorData?: GuestDocument
}

/** A document that is passed on to a guest: its text, or the bytes of one that is no UTF-8 text (packed, or multi-part). */
export type GuestDocument = string | { readonly base64: string }

export interface Address {
  /** `dhcp`, or an address with its prefix. */
  readonly ip?: string
  readonly gateway?: string
  /** `dhcp`, `auto`, or an address with its prefix. */
  readonly ip6?: string
  readonly gateway6?: string
  /** The gateway is outside the prefix, and is meant to. */
  readonly onLink?: boolean
}

export type Wait =
  | { readonly for: 'none' }
  | { readonly for: 'agent'; readonly seconds: number; readonly required?: boolean }
  | { readonly for: 'port'; readonly port: number; readonly seconds: number; readonly required?: boolean }

export interface Limits {
  readonly perStorage: number
  readonly perNode: number
  readonly perTemplate: number
  readonly downloads: number
  readonly perHost: number
  readonly connectionsPerImage: number
  readonly conversions: number
  readonly uploads: number
}

/** Where something stands in a file; both count from one. */
export interface Position {
  readonly file: string
  readonly line: number
  readonly column: number
}
