// The observed state of the world: plain data that the planner reads and never changes.

import type { Archive } from '../codecs/image/finding.ts'
import type { ProvisionError } from '../errors.ts'
import type { Compression, Digest, ImageFormat } from '../manifest/manifest.ts'
import type { PermissionTree } from '../ports/pve/permissions.ts'
import type { BlobKey } from '../ports/world.ts'
import type { Marker } from './cluster/marker.ts'

/** The observed state that a plan is made from. */
export interface Facts {
  readonly cluster: ClusterFacts
  /**
   * By image name, for each image whose bytes this run may need. An error if its digest is not available. Images that are
   * built on others are not included: see `plan/build`.
   */
  readonly images: ReadonlyMap<string, ImageFacts | ProvisionError>
  /** Which of the blobs that may be needed are in the local store. */
  readonly blobs: ReadonlySet<BlobKey>
  /** Blobs that were verified because the user asked for it. Damaged ones were removed and are not in `blobs`. */
  readonly verified?: readonly VerifiedBlob[]
  /**
   * By `storageKey`, for each images storage that was listed. A missing key means that it was not listed, not that it
   * is empty.
   */
  readonly volumes: ReadonlyMap<string, readonly VolumeFacts[]>
  /** VMs and templates that carry this project's marker. */
  readonly guests: readonly GuestFacts[]
  /** Addresses of running machines that answer as their `wait` requires, by id. Other machines have no entry. */
  readonly answers?: ReadonlyMap<number, readonly string[]>
  /** Mappings and ISO images that machines are to get. Absent if they have all of them. */
  readonly attachments?: Attachments
  /** Guests with this program's tag, of any project, on nodes that do not answer. Their state is unknown. */
  readonly unreachable?: readonly ListedGuest[]
  /** Guests that have the name of a machine of the manifest but no marker. */
  readonly namesakes?: readonly ListedGuest[]
  /** Pools that the token can see. Absent if no machine belongs in one. */
  readonly pools?: ReadonlySet<string>
  /** HA groups of Proxmox VE 8. Absent if no machine names one, or if the token may not see them. */
  readonly haGroups?: ReadonlySet<string>
  /** All guests that the token can see, by id, including those of others. */
  readonly listed: ReadonlyMap<number, ListedGuest>
  /** The tags of these guests. */
  readonly usedTags?: ReadonlySet<string>
  /** Ids that a new VM would take first but that belong to guests which the token cannot see. */
  readonly hiddenVmids?: ReadonlySet<number>
}

/** The kinds of resource mappings, by Proxmox's names. */
export type MappingKind = 'pci' | 'usb' | 'dir'

export interface Attachments {
  /** Resource mappings by kind, and the nodes of each. A kind that was not read is absent. */
  readonly mappings: ReadonlyMap<MappingKind, ReadonlyMap<string, ReadonlySet<string>>>
  /** ISO images by `storageKey`. A storage that was not read is absent. */
  readonly isos: ReadonlyMap<string, ReadonlySet<string>>
}

export interface VerifiedBlob {
  readonly image: string
  readonly key: BlobKey
  /** `unknown`: a recipe made the blob, and its digest was not recorded. */
  readonly is: 'whole' | 'wrong' | 'unknown'
}

/** Facts about the cluster: version, nodes, storages, bridges and privileges. */
export interface ClusterFacts {
  readonly endpoint: string
  /** The user or token of the connection: `user@realm!token` or `user@realm`. */
  readonly identity?: string
  readonly version: PveVersion
  readonly nodes: readonly NodeFacts[]
  readonly storages: readonly StorageFacts[]
  /** Bridges by node. Absent if they could not be read. */
  readonly bridges: ReadonlyMap<string, ReadonlySet<string>>
  /** By node and bridge. */
  readonly bridgeLimits?: Readonly<Record<string, Readonly<Record<string, BridgeLimits>>>>
  /** Which tags the token may set. */
  readonly tags?: TagRules
  /** CPU and machine types of nodes. Absent if the manifest names none that are rare. */
  readonly capabilities?: ReadonlyMap<string, Capabilities>
  /** Storages that are configured but disabled, as `storageKey`. Checked only if one is missing. */
  readonly disabledStorages?: ReadonlySet<string>
  /** Effective privileges by path, as in `/access/permissions`: 1 if they propagate, else 0. */
  readonly permissions: PermissionTree
  /** Set if version, bridges and permissions come from the cache. Absent if this run read them. */
  readonly cached?: { readonly atMs: number; readonly requestsSaved: number }
}

/** From `/cluster/options`. What the token cannot see is absent. */
export interface TagRules {
  /** `free`, `existing`, `list` or `none`. */
  readonly access?: string
  /** Tags that require Sys.Modify on `/`. */
  readonly registered?: readonly string[]
  /** Tags that the token may certainly set. While `access` is absent, nothing is known about other tags. */
  readonly allowed: readonly string[]
}

/** What a bridge cannot do. */
export interface BridgeLimits {
  /** It is not VLAN-aware, so Proxmox starts no VM with `trunks` on it. */
  readonly noTrunks?: boolean
  /** Its MTU, if the node states it. */
  readonly mtu?: number
}

export interface Capabilities {
  readonly cpus?: ReadonlySet<string>
  /** CPU flags that a VM may set. Absent if the node cannot list them: Proxmox VE before 9.2. */
  readonly cpuFlags?: ReadonlySet<string>
  readonly machines?: ReadonlySet<string>
}

export interface PveVersion {
  /** As Proxmox reports it: `8.4.21`. */
  readonly text: string
  readonly major: number
  readonly minor: number
}

export interface NodeFacts {
  readonly name: string
  readonly online: boolean
  /** Proxmox's HA manager has it in maintenance. */
  readonly inMaintenance?: boolean
  readonly memoryBytes: number
  readonly freeMemoryBytes: number
  /** Its logical processors. Absent if the token may not see them. */
  readonly cpus?: number
}

/** One storage as one node sees it. */
export interface StorageFacts {
  readonly node: string
  readonly storage: string
  /** Plugin type: `dir`, `nfs`, `lvmthin`, `zfspool`, `rbd`, … */
  readonly type: string
  readonly shared: boolean
  readonly active: boolean
  readonly content: ReadonlySet<string>
  readonly availableBytes?: number
}

/** What is known about an image: its digest, its size and its format. */
export interface ImageFacts {
  readonly name: string
  readonly digest: Digest
  /** Where the digest comes from. */
  readonly digestFrom: 'manifest' | 'lock' | 'document' | 'first use' | 'file' | 'none'
  /** Address of the image: the dated address if the document contains one. */
  readonly url: URL
  readonly sizeBytes?: number
  /** Path of an image that is a local file. */
  readonly file?: string
  /**
   * For an image that is a volume in Proxmox. Its bytes have no known digest; `digest` is a hash of its name, size and
   * time.
   */
  readonly volume?: { readonly volid: string; readonly nodes: ReadonlySet<string> }
  /** For an image that is a template in Proxmox, on one or more nodes. `digest` is a hash of their ids. */
  readonly templates?: readonly ForeignTemplate[]
  /** Declared as unknown: no machine can be created from it, and `digest` is a hash of its name. */
  readonly unknown?: true
  /** The file in an archive that is the image. Default: its only image. */
  readonly member?: string
  /** This and the following are known once the first bytes were read. `archive` may also come from the file name. */
  readonly archive?: Archive
  /** A clause that says why this may not be an image, if the bytes do not settle it. */
  readonly doubt?: string
  /** Known once the first bytes, or a recorded fact about this digest, were read. */
  readonly compression?: Compression
  readonly format?: ImageFormat
  readonly virtualSizeBytes?: number
  readonly signature: 'verified' | 'not asked for'
}

/** An existing template, which this program does not own and from which machines are cloned. */
export interface ForeignTemplate {
  readonly vmid: number
  readonly node: string
  readonly name: string
  /** Storage of its boot disk. */
  readonly storage: string
  readonly diskBytes?: number
}

/** An image volume on a storage. */
export interface VolumeFacts {
  /** `local:import/debian-13-….qcow2` */
  readonly volid: string
  /** The file name of the volume. */
  readonly name: string
  readonly sizeBytes: number
  readonly createdAtMs?: number
}

/** What the cluster's listing alone contains about a guest. */
export interface ListedGuest {
  readonly vmid: number
  readonly node: string
  readonly name: string
  /** Proxmox's `lock` property, if set. */
  readonly lock?: string
  readonly pool?: string
  /** The state that the HA manager keeps it in, if managed. */
  readonly haState?: string
  /** True if its node is no longer a member of the cluster. */
  readonly isStranded?: boolean
}

/** A value that waits for a restart. `after` is absent if the key will be removed. */
export interface PendingValue {
  readonly key: string
  readonly value?: string | number
  readonly after?: string | number
}

/** What the HA manager knows about a VM. */
export interface HaFacts {
  /** The requested state: `started`, `stopped`, `ignored`, … */
  readonly state: string
  /** The state of the service in the cluster's listing: `started`, `error`, … */
  readonly current?: string
  /** Absent if it was not read, or if the token may not read it. */
  readonly settings?: HaSettings
}

export interface HaSettings {
  readonly group?: string
  readonly maxRestart: number
  readonly maxRelocate: number
  /** The node-affinity rule that this project created for it. */
  readonly rule?: { readonly nodes: readonly string[]; readonly strict: boolean }
}

/** A snapshot and its volumes. */
export interface SnapshotFacts {
  readonly name: string
  readonly volumes: readonly string[]
}

/** What Proxmox reports about a migration of a VM to another node. */
export interface MigrationFacts {
  /** Volumes on storages of its node. */
  readonly localVolumes: readonly string[]
  /** Devices that exist only on its node. */
  readonly localResources: readonly string[]
  /** What other nodes lack. Proxmox VE 8 does not tell it for a running VM. */
  readonly obstacles: Readonly<Record<string, NodeObstacles>>
}

/** What keeps a VM from a node. */
export interface NodeObstacles {
  /** Storages of its disks that the node lacks. */
  readonly missingStorages: readonly string[]
  /** Mapped devices that the node lacks, and HA resources that block the migration. */
  readonly blockedBy: readonly string[]
}

/** A VM or template of this project, as its config describes it. */
export interface GuestFacts {
  readonly vmid: number
  readonly node: string
  readonly name: string
  readonly marker: Marker
  readonly template: boolean
  readonly status: 'running' | 'stopped' | 'unknown'
  /** True if it runs, but QEMU has stopped its processors: a user paused it, or it met an error. Up to 10 s old. */
  readonly isPaused?: boolean
  /** Proxmox's `lock` property, if set: `create`, `clone`, `backup`, … */
  readonly lock?: string
  readonly pool?: string
  /** Present if Proxmox's HA manager manages it. */
  readonly ha?: HaFacts
  /** The config with pending values, as Proxmox returns it: numbers and strings mixed. */
  readonly config: Readonly<Record<string, unknown>>
  /** The changes that a running VM has not applied yet. */
  readonly pending?: readonly PendingValue[]
  /** Known only if it is replaced, or disks are moved or removed. */
  readonly snapshots?: readonly SnapshotFacts[]
  /** Known only if the VM is migrated. */
  readonly migration?: MigrationFacts
  /** Process id of the VM, which changes with each start. Known only if the guests of its node were listed. */
  readonly pid?: number
  /** The guest itself reports that it booted with the current cloud-init settings. */
  readonly hasBooted?: boolean
}

/** Returns the key of `Facts.volumes`. */
export function storageKey({ node, storage }: { readonly node: string; readonly storage: string }): string {
  return `${node}/${storage}`
}
