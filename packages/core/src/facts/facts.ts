// What may be known of the world: plain data, read by the planner, never changed by it.

import type { Archive } from '../codecs/image/finding.ts'
import type { ProvisionError } from '../errors.ts'
import type { Compression, Digest, ImageFormat } from '../manifest/manifest.ts'
import type { PermissionTree } from '../ports/pve/permissions.ts'
import type { BlobKey } from '../ports/world.ts'
import type { Marker } from './cluster/marker.ts'

export interface Facts {
  readonly cluster: ClusterFacts
  /** By image name, for each image whose bytes this run may need; an error where its digest cannot be had. */
  readonly images: ReadonlyMap<string, ImageFacts | ProvisionError>
  /** Which of the blobs that might be needed the local store holds. */
  readonly blobs: ReadonlySet<BlobKey>
  /** What was hashed again because somebody asked for it; what is not whole is dropped and not among `blobs`. */
  readonly verified?: readonly VerifiedBlob[]
  /** By `storageKey`, for each images storage that was listed; absent means it was not asked, not that it is empty. */
  readonly volumes: ReadonlyMap<string, readonly VolumeFacts[]>
  /** Machines and templates that carry this project's marker. */
  readonly guests: readonly GuestFacts[]
  /** Addresses of running machines that are as their `wait` requires, by id; no other machine has an entry. */
  readonly answers?: ReadonlyMap<number, readonly string[]>
  /** Guests of ours, or another project's, on nodes that do not answer: what they are cannot be known. */
  readonly unreachable?: readonly ListedGuest[]
  /** Guests that are called as a machine of the manifest, and carry no marker of their own. */
  readonly namesakes?: readonly ListedGuest[]
  /** Pools that may be seen; absent when no machine is to come into one. */
  readonly pools?: ReadonlySet<string>
  /** All guests that the token may see, anybody's, by id. */
  readonly listed: ReadonlyMap<number, ListedGuest>
  /** Ids that a new machine would take first, and that a guest has which the token may not see. */
  readonly hiddenVmids?: ReadonlySet<number>
}

export interface VerifiedBlob {
  readonly image: string
  readonly key: BlobKey
  /** `unknown`: a recipe made it, and nobody wrote down its digest. */
  readonly is: 'whole' | 'wrong' | 'unknown'
}

export interface ClusterFacts {
  readonly endpoint: string
  /** Who asks: `user@realm!token` or `user@realm`. */
  readonly identity?: string
  readonly version: PveVersion
  readonly nodes: readonly NodeFacts[]
  readonly storages: readonly StorageFacts[]
  /** Bridges by node; absent where they could not be read. */
  readonly bridges: ReadonlyMap<string, ReadonlySet<string>>
  /** Which tags the token may set. */
  readonly tags?: TagRules
  /** What CPUs and machine types nodes know; absent where nobody asked, for the manifest names none that are rare. */
  readonly capabilities?: ReadonlyMap<string, Capabilities>
  /** Storages that the nodes know and that are switched off, as `storageKey`; asked only where one is missing. */
  readonly disabledStorages?: ReadonlySet<string>
  /** Effective privileges by path, as `/access/permissions` gives them: 1 where they are handed down, else 0. */
  readonly permissions: PermissionTree
  /** Version, bridges and permissions were not asked in this run but known since then; absent: they were asked. */
  readonly cached?: { readonly atMs: number; readonly requestsSaved: number }
}

/** From `/cluster/options`; what the token may not see is absent. */
export interface TagRules {
  /** `free`, `existing`, `list` or `none`. */
  readonly access?: string
  /** Tags that take Sys.Modify on `/`. */
  readonly registered?: readonly string[]
  /** Tags that the token may surely set; of others nothing is known while `access` is absent. */
  readonly allowed: readonly string[]
}

export interface Capabilities {
  readonly cpus: ReadonlySet<string>
  readonly machines: ReadonlySet<string>
}

export interface PveVersion {
  /** As Proxmox says it: `8.4.21`. */
  readonly text: string
  readonly major: number
  readonly minor: number
}

export interface NodeFacts {
  readonly name: string
  readonly online: boolean
  readonly memoryBytes: number
  readonly freeMemoryBytes: number
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

export interface ImageFacts {
  readonly name: string
  readonly digest: Digest
  /** Where the digest comes from. */
  readonly digestFrom: 'manifest' | 'lock' | 'document' | 'first use' | 'file' | 'none'
  /** Where to fetch it: the dated address where the document told one. */
  readonly url: URL
  readonly sizeBytes?: number
  /** The path of an image that is a file here. */
  readonly file?: string
  /** An image that is a volume there: no digest is known of it, and `digest` is one of its name, size and time. */
  readonly volume?: { readonly volid: string; readonly nodes: ReadonlySet<string> }
  /** An image that is a template there, on one node or several; `digest` is one of their ids. */
  readonly templates?: readonly ForeignTemplate[]
  /** The manifest calls it unknown: no machine is made from it, and `digest` is one of its name. */
  readonly unknown?: true
  /** The file in an archive that is the image; absent: its only image. */
  readonly member?: string
  /** Known, as what follows, once the first bytes were read, or by the name of the file. */
  readonly archive?: Archive
  /** A clause that says why it may be no image, where nobody can tell. */
  readonly doubt?: string
  /** Both are known once the first bytes, or a fact recorded about this digest, were read. */
  readonly compression?: Compression
  readonly format?: ImageFormat
  readonly virtualSizeBytes?: number
  readonly signature: 'verified' | 'not asked for'
}

/** A template of somebody's that machines are cloned from. */
export interface ForeignTemplate {
  readonly vmid: number
  readonly node: string
  readonly name: string
  /** Where its boot disk lies. */
  readonly storage: string
  readonly diskBytes?: number
}

export interface VolumeFacts {
  /** `local:import/debian-13-….qcow2` */
  readonly volid: string
  /** Its file name. */
  readonly name: string
  readonly sizeBytes: number
  readonly createdAtMs?: number
}

/** What the cluster's listing alone tells of a guest. */
export interface ListedGuest {
  readonly vmid: number
  readonly node: string
  readonly name: string
  /** Proxmox's `lock` property, when it has one. */
  readonly lock?: string
  readonly pool?: string
  /** What the HA manager keeps it in, where it does. */
  readonly haState?: string
  /** Its node is no member of the cluster any more. */
  readonly isStranded?: boolean
}

/** A value that waits for a restart: `after` is absent where the key is to go. */
export interface PendingValue {
  readonly key: string
  readonly value?: string | number
  readonly after?: string | number
}

/** What the HA manager is told of a machine. */
export interface HaFacts {
  /** The state that it keeps it in: `started`, `stopped`, `ignored`, … */
  readonly state: string
  /** Absent when nobody asked, or it may not be known. */
  readonly settings?: HaSettings
}

export interface HaSettings {
  readonly group?: string
  readonly maxRestart: number
  readonly maxRelocate: number
  /** The node-affinity rule that this project made for it. */
  readonly rule?: { readonly nodes: readonly string[]; readonly strict: boolean }
}

/** A machine or template of this project, as its config says. */
export interface GuestFacts {
  readonly vmid: number
  readonly node: string
  readonly name: string
  readonly marker: Marker
  readonly template: boolean
  readonly status: 'running' | 'stopped' | 'unknown'
  /** Proxmox's `lock` property, when it has one: `create`, `clone`, `backup`, … */
  readonly lock?: string
  readonly pool?: string
  /** Present when it is in the hands of Proxmox's HA manager. */
  readonly ha?: HaFacts
  /** The config, pending values included, as Proxmox gives it; numbers and strings mixed. */
  readonly config: Readonly<Record<string, unknown>>
  /** What of the config a running machine has not taken over yet. */
  readonly pending?: readonly PendingValue[]
  /** The process it runs as; another one after each start. Known where the guests of its node were listed. */
  readonly pid?: number
}

/** The key of `Facts.volumes`. */
export function storageKey({ node, storage }: { readonly node: string; readonly storage: string }): string {
  return `${node}/${storage}`
}
