// The nouns of a manifest after parsing and expansion: plain data, defaults filled in, one entry a machine.

export type Digest = `${'sha256' | 'sha512'}:${string}`
/** Formats that are recognised by content. */
export type ImageFormat = 'qcow2' | 'raw' | 'vmdk' | 'vdi' | 'vhdx' | 'vpc'
export type Compression = 'none' | 'xz' | 'zstd' | 'gzip' | 'bzip2'
export type Route = 'pull' | 'push' | 'local'

/** What should be: the manifest with names, counts and defaults worked out. */
export interface Desired {
  readonly project: string
  readonly images: ReadonlyMap<string, Image>
  readonly machines: readonly Machine[]
  readonly vmids: { readonly from: number; readonly to: number }
  readonly limits: Limits
}

export interface Image {
  readonly name: string
  readonly url: URL
  readonly mirrors: readonly URL[]
  /** A pinned digest, or the address of a checksum document; absent: only the lock file can know. */
  readonly checksum?: Digest | URL
  readonly signature?: Signature
  /** Format wanted on the storage; absent: as the vendor ships it. */
  readonly format?: 'qcow2' | 'raw'
  /** Who converts when the format differs. `auto`: Proxmox where its import does it anyway, else the runner. */
  readonly convert: 'auto' | 'runner' | 'proxmox'
  readonly route: Route | 'auto'
  readonly position?: Position
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
  readonly image: string
  readonly vmid?: number
  /** Allowed nodes; one: it is placed there. */
  readonly nodes: readonly [string, ...string[]]
  readonly storage: { readonly images: string; readonly disks: string }
  readonly cpu: Cpu
  readonly memory: Memory
  /** The boot disk, cloned from the image. */
  readonly disk: Disk
  /** Further empty disks. */
  readonly disks: readonly Disk[]
  readonly networks: readonly Network[]
  readonly firmware: Firmware
  readonly machineType?: string
  readonly osType: string
  readonly serial: boolean
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
  /** Full clone even where the storage can link. */
  readonly fullClone: boolean
  readonly position?: Position
  /** Keys that the manifest states itself (by its entry or the defaults): only these are compared with what is. */
  readonly declared: ReadonlySet<string>
}

export interface Cpu {
  readonly cores: number
  readonly sockets: number
  readonly type?: string
  readonly numa: boolean
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
  readonly searchDomain?: string
  readonly upgrade?: boolean
  /** Custom documents: any of them makes a NoCloud ISO of our own. */
  readonly userData?: string
  readonly networkConfig?: string
  readonly vendorData?: string
}

export interface Address {
  /** `dhcp`, or an address with its prefix. */
  readonly ip?: string
  readonly gateway?: string
  /** `dhcp`, `auto`, or an address with its prefix. */
  readonly ip6?: string
  readonly gateway6?: string
}

export type Wait =
  | { readonly for: 'none' }
  | { readonly for: 'agent'; readonly seconds: number }
  | { readonly for: 'port'; readonly port: number; readonly seconds: number }

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
