// The steps of a plan: the data of each kind, what it needs, and its reason.
import type { ProvisionError } from '../errors.ts'
import type { Digest } from '../manifest/manifest.ts'
import type { StorageRef } from '../ports/pve/pve.ts'
import type { BlobKey } from '../ports/world.ts'
import type { BuildStep } from './build/build-step.ts'
import type { Change } from './change/change.ts'

/** Whether a step runs, or keeps what already exists. */
export type StepAction = 'run' | 'keep'

interface StepBase {
  /** `kind:subject`, unique in the plan. */
  readonly id: string
  readonly needs: readonly string[]
  readonly action: StepAction
  /** Why it runs, or why it need not: one clause. */
  readonly why: string
  /** Set if the step cannot succeed. It fails with this error, and the steps that need it are blocked. */
  readonly problem?: ProvisionError
  /** The result of a kept step. */
  readonly known?: StepResult
  /** Its place in a rollout: the steps that must finish first, whether they succeed or not. */
  readonly gate?: Gate
  /** The lanes to hold while it runs, see `execute/lanes.ts`. */
  readonly lanes: readonly string[]
}

/** A step's place in a rollout. */
export interface Gate {
  /** Which rollout it is: machines with the same `batch` and `maxFailures` share one. */
  readonly rollout: string
  /** The entry of the manifest that the machine belongs to. */
  readonly entry: string
  /** Steps of earlier batches. All of them must finish before this one starts. */
  readonly before: readonly string[]
  /** How many of their machines may fail. If more fail, the rollout stops. */
  readonly maxFailures: number
  /** Starts at 1. */
  readonly batch: number
}

/** The result of a step for later steps and the report: a blob, a volume, or a guest. */
export interface StepResult {
  readonly blob?: { readonly key: string; readonly path: string; readonly bytes: number }
  readonly volid?: string
  readonly guest?: { readonly vmid: number; readonly node: string }
  readonly addresses?: readonly string[]
  /** Changes that a running guest has not applied. */
  readonly pending?: readonly Change[]
  /** Warnings of a step that succeeded. */
  readonly warnings?: readonly string[]
  /** True if the step ran and found nothing to do. It is reported as kept. */
  readonly kept?: boolean
}

/** The kinds of steps. */
export type StepKind = Step['kind']

/** One step of a plan. `kind` determines its fields. */
export type Step = StepBase &
  (
    | ResolveStep
    | DownloadStep
    | ConvertStep
    | PullStep
    | UploadStep
    | StreamStep
    | TemplateStep
    | BuildStep
    | SeedStep
    | CreateStep
    | UpdateStep
    | StartStep
    | WaitStep
    | DestroyStep
    | AdoptStep
    | RenameStep
    | ReplaceStep
    | RestartStep
    | MoveStep
    | MoveDisksStep
    | RemoveDisksStep
    | RemoveVolumeStep
  )

export type StepOf<Kind extends StepKind> = Extract<Step, { readonly kind: Kind }>

/** The digest of an image. It runs only to report why the digest is not available. */
interface ResolveStep {
  readonly kind: 'resolve'
  readonly image: string
}

/** Vendor → local store, verified as it arrives. */
interface DownloadStep {
  readonly kind: 'download'
  readonly image: string
  readonly urls: readonly URL[]
  readonly digest: Digest
  readonly sizeBytes?: number
  /** True if it must be unpacked, which can start while it arrives. */
  readonly isPacked?: boolean
  /** True for a qcow2 that is converted to raw, which can start while it arrives. */
  readonly becomesRaw?: boolean
  /** The path, if the image is a local file. Then there are no addresses. */
  readonly file?: string
  /** The file in the archive that is the image. Default: its only image. */
  readonly member?: string
}

/** Store → store: decompressed and, if `format` is given and differs, converted. */
interface ConvertStep {
  readonly kind: 'convert'
  readonly image: string
  readonly from: Digest
  readonly member?: string
  readonly to: BlobKey
  readonly format?: 'raw' | 'qcow2'
}

/** Vendor → storage, downloaded by Proxmox itself. */
interface PullStep {
  readonly kind: 'pull'
  readonly image: string
  readonly at: StorageRef
  /** The content type. Default: `import`, for disks. */
  readonly content?: 'iso'
  /** File name on the storage, including the digest. */
  readonly volume: string
  readonly urls: readonly URL[]
  readonly digest: Digest
  readonly sizeBytes?: number
}

/** Store → storage. The file name is `<stem>-<bytes>.<format>`. */
interface UploadStep {
  readonly kind: 'upload'
  readonly image: string
  readonly at: StorageRef
  /** The content type. Default: `import`, for disks. */
  readonly content?: 'iso'
  readonly stem: string
  readonly blob: BlobKey
  /** Send it uncompressed, because the manifest requests the conversion here. */
  readonly asIs?: boolean
  /** `local`: written into the storage's directory instead of uploaded. */
  readonly route: 'push' | 'local'
}

/** Vendor → storage through the memory of this computer, without its disk. */
interface StreamStep {
  readonly kind: 'stream'
  readonly image: string
  readonly at: StorageRef
  readonly stem: string
  readonly format: 'qcow2' | 'raw'
  readonly urls: readonly URL[]
  readonly digest: Digest
  readonly sizeBytes: number
}

/** Volume → template, once per image, node and storage. */
interface TemplateStep {
  readonly kind: 'template'
  readonly image: string
  readonly at: StorageRef
  readonly name: string
  /** 16 hex digits of a hash of digest and recipe. */
  readonly base: string
  /** The step whose result is the volume. Absent for a kept template. */
  readonly volumeFrom?: string
  /** The disk format of Proxmox's import, if it converts. */
  readonly importFormat?: 'raw' | 'qcow2'
}

/** The NoCloud ISO of a machine with custom cloud-init documents, on an `iso` storage. */
interface SeedStep {
  readonly kind: 'seed'
  readonly machine: string
  readonly at: StorageRef
  readonly volume: string
  /** MACs of the machine's cards by number, as its documents contain them. */
  readonly macs: readonly (string | undefined)[]
}

/** The sources of disks that start with an image, by bus position. */
export type DiskSources = Readonly<Record<string, DiskSource>>

export interface DiskSource {
  /** The step whose result is the volume. */
  readonly volumeFrom: string
  /** The disk format of Proxmox's import, if it converts. */
  readonly importFormat?: 'raw' | 'qcow2'
}

interface CreateStep {
  readonly kind: 'create'
  readonly machine: string
  readonly node: string
  readonly templateFrom: string
  readonly seedFrom?: string
  readonly disksFrom?: DiskSources
  readonly linked: boolean
  /** 16 hex digits of a hash of digest and recipe of the image that it is created from. */
  readonly base: string
}

/** Changes a machine in place. Values that are not among its changes are left alone. */
interface UpdateStep {
  readonly kind: 'update'
  readonly machine: string
  readonly node: string
  readonly vmid: number
  readonly seedFrom?: string
  readonly disksFrom?: DiskSources
  /** The changes, for people and scripts. */
  readonly changes: readonly Change[]
  /** The changes for the executor, without values. Only the manifest contains the secrets. */
  readonly touches: Touches
}

/** What an update may change. */
export interface Touches {
  /** Proxmox's config keys that are set or removed. */
  readonly keys: readonly string[]
  /** Disks that grow. */
  readonly grow: readonly string[]
  readonly pool: boolean
  readonly ha: boolean
  /** Drives whose volume an earlier step of the plan changes. */
  readonly moved?: readonly string[]
}

interface StartStep {
  readonly kind: 'start'
  readonly machine: string
  readonly createFrom: string
}

interface WaitStep {
  readonly kind: 'wait'
  readonly machine: string
  readonly createFrom: string
  /** True if it was already running, so that the wait changes nothing. */
  readonly ran?: boolean
}

/** Removes a VM or template with this project's marker. */
interface DestroyStep {
  readonly kind: 'destroy'
  readonly name: string
  readonly vmid: number
  readonly node: string
  readonly template: boolean
  /** The volume id of its own cloud-init ISO, if nothing else needs it. */
  readonly seed?: string
}

/** Marks an existing guest as a machine of the manifest. */
interface AdoptStep {
  readonly kind: 'adopt'
  readonly machine: string
  readonly vmid: number
  readonly node: string
  /** Also if it carries the marker of another project. */
  readonly fromOthers: boolean
}

/** Renames a machine of the project in place. */
interface RenameStep {
  readonly kind: 'rename'
  readonly machine: string
  readonly from: string
  readonly vmid: number
  readonly node: string
}

/**
 * Replaces one machine in a rollout by a new VM with its name, MACs, addresses and data disks. The old VM stays until
 * the new one is healthy, and is restored if it is not.
 */
interface ReplaceStep {
  readonly kind: 'replace'
  readonly machine: string
  readonly node: string
  readonly old: { readonly vmid: number; readonly node: string }
  /** The ISO of the old VM, if nothing else needs it. */
  readonly oldSeed?: string
  readonly templateFrom: string
  readonly seedFrom?: string
  readonly disksFrom?: DiskSources
  readonly linked: boolean
  readonly base: string
  /** Held only while the new VM is cloned. */
  readonly cloneLanes: readonly string[]
}

/** Restarts a machine, so that pending changes take effect. */
interface RestartStep {
  readonly kind: 'restart'
  readonly machine: string
  readonly createFrom: string
}

/** Migrates a machine to another node. */
interface MoveStep {
  readonly kind: 'move'
  readonly machine: string
  readonly vmid: number
  readonly node: string
  readonly to: string
  /** True if it keeps running during the migration. */
  readonly live: boolean
}

/** Moves disks of a machine to other storages of its node, one after the other. */
interface MoveDisksStep {
  readonly kind: 'move-disks'
  readonly machine: string
  readonly vmid: number
  readonly node: string
  readonly disks: readonly { readonly key: string; readonly from: string; readonly to: string }[]
  /** Move while the machine runs. */
  readonly live: boolean
}

/** Removes volumes that an apply detached from a machine, with their data. */
interface RemoveDisksStep {
  readonly kind: 'remove-disks'
  readonly machine: string
  readonly vmid: number
  readonly node: string
  readonly volumes: readonly string[]
}

/** Removes an image volume of this program that nothing uses. */
interface RemoveVolumeStep {
  readonly kind: 'remove-volume'
  readonly at: StorageRef
  readonly volid: string
}

/** Returns true if a step will run. */
export function runs({ action, problem }: Step): boolean {
  return action === 'run' && problem === undefined
}
