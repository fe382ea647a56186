// The steps of a plan: what each kind does and needs, with its reason.
import type { ProvisionError } from '../errors.ts'
import type { Digest } from '../manifest/manifest.ts'
import type { StorageRef } from '../ports/pve/pve.ts'
import type { BlobKey } from '../ports/world.ts'
import type { Change } from './change/change.ts'

export type StepAction = 'run' | 'keep'

interface StepBase {
  /** `kind:subject`, unique in the plan. */
  readonly id: string
  readonly needs: readonly string[]
  readonly action: StepAction
  /** Why it runs, or why it need not: one clause. */
  readonly why: string
  /** Known beforehand to be impossible: it fails with this, and what needs it is blocked. */
  readonly problem?: ProvisionError
  /** What a kept step would have resulted in. */
  readonly known?: StepResult
  /** Its turn in a roll-out: what must be over before, well or not. */
  readonly gate?: Gate
  /** What contends: lanes to hold while it runs, see `execute/lanes.ts`. */
  readonly lanes: readonly string[]
}

/** A step's turn in a roll-out. */
export interface Gate {
  /** Steps of earlier batches: all of them are over before this one begins. */
  readonly before: readonly string[]
  /** So many of them may have failed; with more, the roll-out stops. */
  readonly maxFailures: number
  /** From 1. */
  readonly batch: number
}

/** What later steps and the report need to know of a step: a blob, a volume, or a guest. */
export interface StepResult {
  readonly blob?: { readonly key: string; readonly path: string; readonly bytes: number }
  readonly volid?: string
  readonly guest?: { readonly vmid: number; readonly node: string }
  readonly addresses?: readonly string[]
  /** What the guest has not taken over while it runs. */
  readonly pending?: readonly Change[]
  /** Done, but with something to tell. */
  readonly warnings?: readonly string[]
  /** A step that ran and found nothing to do is reported as kept. */
  readonly kept?: boolean
}

export type StepKind = Step['kind']

export type Step = StepBase &
  (
    | ResolveStep
    | DownloadStep
    | ConvertStep
    | PullStep
    | UploadStep
    | StreamStep
    | TemplateStep
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
    | RemoveVolumeStep
  )

export type StepOf<Kind extends StepKind> = Extract<Step, { readonly kind: Kind }>

/** The digest of an image; runs only to say why it cannot be had. */
interface ResolveStep {
  readonly kind: 'resolve'
  readonly image: string
}

/** Vendor → local store, verified while it arrives. */
interface DownloadStep {
  readonly kind: 'download'
  readonly image: string
  readonly urls: readonly URL[]
  readonly digest: Digest
  readonly sizeBytes?: number
  /** It has to be unpacked, which can begin while it arrives. */
  readonly isPacked?: boolean
  /** A qcow2 that raw is made of, which can begin while it arrives. */
  readonly becomesRaw?: boolean
  /** The file here that it is; then there are no addresses. */
  readonly file?: string
  /** The file in the archive that is the image; absent: its only image. */
  readonly member?: string
}

/** Store → store: decompressed and, when `format` is given and differs, converted. */
interface ConvertStep {
  readonly kind: 'convert'
  readonly image: string
  readonly from: Digest
  readonly member?: string
  readonly to: BlobKey
  readonly format?: 'raw' | 'qcow2'
}

/** Vendor → storage, by Proxmox itself. */
interface PullStep {
  readonly kind: 'pull'
  readonly image: string
  readonly at: StorageRef
  /** What it is there; absent: `import`, of which disks are made. */
  readonly content?: 'iso'
  /** File name on the storage, digest included. */
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
  /** What it is there; absent: `import`, of which disks are made. */
  readonly content?: 'iso'
  readonly stem: string
  readonly blob: BlobKey
  /** Sent as it is, however large: the manifest asks for conversion here. */
  readonly asIs?: boolean
  /** `local`: written into the storage's directory instead of sent. */
  readonly route: 'push' | 'local'
}

/** Vendor → storage through this machine's memory, no disk touched. */
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
  /** 16 hex of digest and recipe. */
  readonly base: string
  /** The step whose result is the volume; absent on a kept template. */
  readonly volumeFrom?: string
  /** Disk format asked of Proxmox's import, where it converts. */
  readonly importFormat?: 'raw' | 'qcow2'
}

/** The NoCloud ISO of a machine with custom cloud-init documents, on an `iso` storage. */
interface SeedStep {
  readonly kind: 'seed'
  readonly machine: string
  readonly at: StorageRef
  readonly volume: string
  /** MACs of the machine's cards, by number, as its documents name them. */
  readonly macs: readonly (string | undefined)[]
}

/** Where disks that start with an image come from, by their bus positions. */
export type DiskSources = Readonly<Record<string, DiskSource>>

export interface DiskSource {
  /** The step whose result is the volume. */
  readonly volumeFrom: string
  /** Disk format asked of Proxmox's import, where it converts. */
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
  /** 16 hex of digest and recipe of the image it is made from. */
  readonly base: string
}

/** Changes a machine in place: what is not among its changes is left alone. */
interface UpdateStep {
  readonly kind: 'update'
  readonly machine: string
  readonly node: string
  readonly vmid: number
  readonly seedFrom?: string
  readonly disksFrom?: DiskSources
  /** For people and scripts. */
  readonly changes: readonly Change[]
  /** The same for the executor, without a value: where there is a secret, only the manifest knows it. */
  readonly touches: Touches
}

/** What an update may touch. */
export interface Touches {
  /** Proxmox's config keys that are set or removed. */
  readonly keys: readonly string[]
  /** Disks that grow. */
  readonly grow: readonly string[]
  readonly pool: boolean
  readonly ha: boolean
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
  /** It ran before: to wait for it changes nothing. */
  readonly ran?: boolean
}

/** Removes a machine or template that carries our marker. */
interface DestroyStep {
  readonly kind: 'destroy'
  readonly name: string
  readonly vmid: number
  readonly node: string
  readonly template: boolean
  /** The volume id of the CD with its own cloud-init documents, when nothing else needs it. */
  readonly seed?: string
}

/** Marks a guest that is there as a machine of the manifest. */
interface AdoptStep {
  readonly kind: 'adopt'
  readonly machine: string
  readonly vmid: number
  readonly node: string
  /** Also when it carries the marker of another project. */
  readonly fromOthers: boolean
}

/** Gives a machine of ours another name, in place. */
interface RenameStep {
  readonly kind: 'rename'
  readonly machine: string
  readonly from: string
  readonly vmid: number
  readonly node: string
}

/**
 * One machine's turn in a roll-out: a successor with its name, MACs, addresses and data disks; the old one stays until the
 * successor is healthy, and comes back if it is not.
 */
interface ReplaceStep {
  readonly kind: 'replace'
  readonly machine: string
  readonly node: string
  readonly old: { readonly vmid: number; readonly node: string }
  /** The CD of the old machine, when nothing else needs it. */
  readonly oldSeed?: string
  readonly templateFrom: string
  readonly seedFrom?: string
  readonly disksFrom?: DiskSources
  readonly linked: boolean
  readonly base: string
  /** Held while the successor is cloned, and no longer. */
  readonly cloneLanes: readonly string[]
}

/** Restarts a machine, so that what waits for that takes effect. */
interface RestartStep {
  readonly kind: 'restart'
  readonly machine: string
  readonly createFrom: string
}

/** Moves a machine to another node. */
interface MoveStep {
  readonly kind: 'move'
  readonly machine: string
  readonly vmid: number
  readonly node: string
  readonly to: string
  /** While it runs. */
  readonly live: boolean
}

/** Removes an image volume of ours that nothing uses. */
interface RemoveVolumeStep {
  readonly kind: 'remove-volume'
  readonly at: StorageRef
  readonly volid: string
}

/** Whether a step is to do something, and may. */
export function runs({ action, problem }: Step): boolean {
  return action === 'run' && problem === undefined
}
