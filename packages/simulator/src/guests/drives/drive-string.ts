// Parses and formats drive strings of requests like qemu-server's `parse_drive` and `print_drive`.
import { findRoute, type PropertyRules, type ProxmoxVersion, parsePropertyString } from '../../schema/index.ts'
import { type Drive, formatSize, parseSize } from '../../state/drives.ts'

/** Returns the keys of a drive from the API's own rules. Undefined if this is not a drive. */
function driveRules(key: string, version: ProxmoxVersion): PropertyRules | undefined {
  const format = findRoute('POST', '/nodes/any/qemu', version)?.rule.parameters[key]?.format
  return typeof format === 'object' ? format : undefined
}

/** Each key is valid only together with the second one. */
const needs: Readonly<Record<string, string>> = {
  mbps_max: 'mbps',
  mbps_rd_max: 'mbps_rd',
  mbps_wr_max: 'mbps_wr',
  bps_max_length: 'mbps_max',
  bps_rd_max_length: 'mbps_rd_max',
  bps_wr_max_length: 'mbps_wr_max',
  iops_max_length: 'iops_max',
  iops_rd_max_length: 'iops_rd_max',
  iops_wr_max_length: 'iops_wr_max',
}

const exclusive = [
  ['mbps_rd', 'mbps'],
  ['mbps_wr', 'mbps'],
  ['iops_rd', 'iops'],
  ['iops_wr', 'iops'],
] as const

/**
 * Resolves aliases, booleans become 0 and 1, sizes get Proxmox's units. Undefined for `unable to parse drive options`.
 */
export function readDrive(key: string, text: string, version: ProxmoxVersion): Drive | undefined {
  const rules = driveRules(key, version)
  if (rules === undefined) return undefined
  const parsed = parsePropertyString(rules, text, version)
  if ('refusal' in parsed) return undefined
  const { file = '', ...options } = { ...parsed.fields }
  if (!makeRates(options) || !isConsistent(key, options)) return undefined
  const bytes = options.size === undefined ? undefined : parseSize(options.size)
  if (options.size !== undefined && bytes === undefined) return undefined
  if (bytes !== undefined) options.size = formatSize(bytes)
  return { file, options: new Map(Object.entries(options)) }
}

/** `bps` becomes `mbps`, always with the value 0.000: `parse_drive` divides the truth value instead of the number. */
function makeRates(options: Record<string, string>): boolean {
  for (const name of ['bps', 'bps_rd', 'bps_wr']) {
    if (options[name] === undefined) continue
    if (options[`m${name}`] !== undefined) return false
    delete options[name]
    options[`m${name}`] = '0.000'
  }
  return true
}

/** Perl's truth: `0` counts as not set. */
const isTrue = (text: string | undefined): boolean => text !== undefined && text !== '' && text !== '0'

function isConsistent(key: string, options: Readonly<Record<string, string>>): boolean {
  const has = (name: string): boolean => isTrue(options[name])
  if (Object.entries(needs).some(([name, needed]) => has(name) && !has(needed))) return false
  if (exclusive.some(([one, other]) => has(one) && has(other))) return false
  return options.media !== 'cdrom' || !(has('snapshot') || has('format') || key.startsWith('virtio'))
}
