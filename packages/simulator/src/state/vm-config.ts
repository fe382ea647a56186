// A machine's configuration: values, pending changes and snapshots, in the text format of `<vmid>.conf`.
import { createHash } from 'node:crypto'
import { isDriveKey, isUnusedKey, parseDrive } from './drives.ts'

export type ConfigValue = string | number

export interface VmSection {
  description?: string
  readonly values: Map<string, ConfigValue>
}

export interface VmConfig extends VmSection {
  readonly pending: Map<string, ConfigValue>
  /** Keys that are removed at the next start, and whether their volumes are removed too (`force`). */
  readonly pendingDelete: Map<string, boolean>
  /**
   * The cloud-init drive's values of keys that have changed since it was written. `added` lists the new keys
   * (qemu-server `special:cloudinit`).
   */
  readonly cloudInit: Map<string, ConfigValue>
  readonly snapshots: Map<string, VmSection>
}

/**
 * Options that the schema types as integer or boolean. They are returned as numbers; all others, including decimals, as
 * text.
 */
const numericOptions = new Set([
  'acpi',
  'allow-ksm',
  'autostart',
  'balloon',
  'ciupgrade',
  'cores',
  'cpuunits',
  'freeze',
  'keephugepages',
  'kvm',
  'localtime',
  'migrate_speed',
  'numa',
  'onboot',
  'protection',
  'reboot',
  'shares',
  'smp',
  'sockets',
  'tablet',
  'tdf',
  'template',
  'vcpus',
  'snaptime',
  'vmstate-size',
])

export function newVmConfig(): VmConfig {
  return {
    values: new Map(),
    pending: new Map(),
    pendingDelete: new Map(),
    cloudInit: new Map(),
    snapshots: new Map(),
  }
}

export function typedValue(key: string, text: string): ConfigValue {
  return numericOptions.has(key) && text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text
}

const encodeText = (text: string): string =>
  text.replace(/[\p{Cc}%:]|\P{ASCII}/gu, (character) => encodeURIComponent(character))

function sectionLines(section: VmSection): string[] {
  const description =
    section.description === undefined ? [] : section.description.split('\n').map((line) => `#${encodeText(line)}`)
  const keys = [...section.values.keys()].sort()
  return [...description, ...keys.map((key) => `${key}: ${section.values.get(key)}`)]
}

export function formatVmConfig(config: VmConfig): string {
  const lines = sectionLines(config)
  if (config.pending.size > 0 || config.pendingDelete.size > 0) {
    lines.push('', '[PENDING]')
    if (config.pendingDelete.size > 0) lines.push(`delete: ${formatDeletions(config.pendingDelete)}`)
    lines.push(...sectionLines({ values: config.pending }))
  }
  if (config.cloudInit.size > 0) lines.push('', '[special:cloudinit]', ...sectionLines({ values: config.cloudInit }))
  for (const name of [...config.snapshots.keys()].sort()) {
    const snapshot = config.snapshots.get(name)
    if (snapshot !== undefined) lines.push('', `[${name}]`, ...sectionLines(snapshot))
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`
}

const fileOf = ([, text]: [string, ConfigValue]): string => parseDrive(String(text)).file

/**
 * Cleans up as every write of a configuration does (qemu-server `write_vm_config`): removes `smp`, and unused entries
 * that are in use.
 */
export function tidyVmConfig({ values, pending }: VmConfig): void {
  const smp = values.get('smp')
  values.delete('smp')
  if (smp && !values.get('sockets')) {
    values.set('sockets', smp)
    values.delete('cores')
  }
  const used = new Set([...values, ...pending].filter(([key]) => isDriveKey(key)).map(fileOf))
  for (const [key, value] of values) if (isUnusedKey(key) && used.has(String(value))) values.delete(key)
}

function formatDeletions(deletions: ReadonlyMap<string, boolean>): string {
  const keys = [...deletions.keys()].sort()
  return keys.map((key) => (deletions.get(key) === true ? `!${key}` : key)).join(',')
}

function readDeletions(config: VmConfig, text: string): void {
  for (const entry of text.split(',')) config.pendingDelete.set(entry.replace(/^!/, ''), entry.startsWith('!'))
}

export function parseVmConfig(text: string): VmConfig {
  const config = newVmConfig()
  let section: VmSection = config
  let isPending = false
  for (const line of text.split('\n')) {
    const heading = /^\[([^\]]+)\]\s*$/.exec(line)?.[1]
    if (heading !== undefined) {
      isPending = heading === 'PENDING'
      section = sectionOf(config, heading)
    } else if (line.startsWith('#')) {
      const decoded = decodeURIComponent(line.slice(1))
      section.description = section.description === undefined ? decoded : `${section.description}\n${decoded}`
    } else {
      readPair(line, { config, section, isPending })
    }
  }
  return config
}

function sectionOf(config: VmConfig, heading: string): VmSection {
  if (heading === 'PENDING') return { values: config.pending }
  return heading === 'special:cloudinit' ? { values: config.cloudInit } : newSnapshot(config, heading)
}

function newSnapshot(config: VmConfig, name: string): VmSection {
  const snapshot: VmSection = { values: new Map() }
  config.snapshots.set(name, snapshot)
  return snapshot
}

function readPair(
  line: string,
  { config, section, isPending }: { config: VmConfig; section: VmSection; isPending: boolean },
): void {
  const match = /^([a-z][a-z_-]*\d*):\s?(.*)$/.exec(line)
  if (match === null) return
  const [, key = '', value = ''] = match
  if (isPending && key === 'delete') readDeletions(config, value)
  else section.values.set(key, typedValue(key, value))
}

/** SHA-1 of the file's text, which `digest` compares. */
export function digestOf(config: VmConfig): string {
  return createHash('sha1').update(formatVmConfig(config)).digest('hex')
}

export function textOf(config: VmSection, key: string): string | undefined {
  const value = config.values.get(key)
  return value === undefined ? undefined : String(value)
}
