// The settings of each storage type, and how they are checked (pve-storage's plugins, `PVE::SectionConfig`).
import { failure } from '../errors.ts'
import type { StorageType } from './storage-config.ts'

export type StorageSettings = ReadonlyMap<string, string>

interface OptionRule {
  readonly required: boolean
  /** True if it can only be set when the storage is created. */
  readonly fixed: boolean
}

const everywhere = 'nodes disable content'
const folder =
  `${everywhere} prune-backups max-protected-backups maxfiles format preallocation ` +
  'mkdir create-base-path create-subdirs'
const chain = 'content-dirs bwlimit snapshot-as-volume-chain='

/** `!`: required and fixed; `=`: fixed. The path of a network share has a default. */
const optionsOf: Readonly<Record<StorageType, string>> = {
  dir: `path! shared is_mountpoint ${folder} ${chain}`,
  btrfs: `path! shared is_mountpoint nocow ${folder}`,
  nfs: `path! server! export! options ${folder} ${chain}`,
  cifs: `path! server! share! options subdir username password domain smbversion ${folder} ${chain}`,
  lvm:
    `vgname! base= shared saferemove saferemove-stepsize saferemove_throughput tagged_only bwlimit ` +
    `snapshot-as-volume-chain ${everywhere}`,
  lvmthin: `thinpool! vgname! bwlimit ${everywhere}`,
  zfspool: `pool! blocksize sparse mountpoint bwlimit ${everywhere}`,
  rbd: `monhost pool data-pool namespace username krbd keyring bwlimit ${everywhere}`,
}

const rulesOf = (type: StorageType): ReadonlyMap<string, OptionRule> =>
  new Map(
    optionsOf[type].split(' ').map((word): [string, OptionRule] => {
      const mark = word.at(-1)
      const isMarked = mark === '!' || mark === '='
      return [isMarked ? word.slice(0, -1) : word, { required: mark === '!', fixed: isMarked }]
    }),
  )

/** The default content of a new storage. */
export const defaultContent: Readonly<Record<StorageType, readonly string[]>> = {
  dir: ['images', 'rootdir'],
  btrfs: ['images', 'rootdir'],
  nfs: ['images'],
  cifs: ['images'],
  lvm: ['images'],
  lvmthin: ['images', 'rootdir'],
  zfspool: ['images', 'rootdir'],
  rbd: ['images'],
}

/** Throws what a new storage lacks, and settings that its type does not have. */
export function checkNewStorage(type: StorageType, settings: StorageSettings): void {
  const rules = rulesOf(type)
  for (const [key, value] of settings) checkSetting(rules, key, value)
  for (const [key, rule] of rules) {
    if (rule.required && !settings.has(key)) throw failure(`missing value for required option '${key}'`)
  }
  const path = settings.get('path')
  if (path !== undefined && !/^\/[-/a-zA-Z0-9_.@]+$/.test(path)) {
    throw failure(`illegal path for directory storage: ${path}`)
  }
}

function checkSetting(rules: ReadonlyMap<string, OptionRule>, key: string, value: string): void {
  if (!rules.has(key)) throw failure(`unexpected property '${key}'`)
  if (/[\n\r]/.test(value)) throw failure('property contains a line feed')
}

/** Throws what cannot be set or deleted on an existing storage. */
export function checkStorageChange(type: StorageType, settings: StorageSettings, remove: readonly string[]): void {
  const rules = rulesOf(type)
  for (const [key, value] of settings) {
    if (rules.get(key)?.fixed) throw failure(`can't change value of fixed parameter '${key}'`)
    checkSetting(rules, key, value)
  }
  for (const key of remove) {
    const rule = rules.get(key)
    if (rule === undefined) throw failure(`no such option '${key}'`)
    if (rule.required) throw failure(`unable to delete required option '${key}'`)
    if (rule.fixed) throw failure(`unable to delete fixed option '${key}'`)
    if (settings.has(key)) throw failure(`cannot set and delete property '${key}' at the same time!`)
  }
}
