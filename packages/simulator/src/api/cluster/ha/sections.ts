// The common part of resources, groups and rules: one lock, sections of settings, and PVE::SectionConfig's checks.
import { failure, sentenceOf } from '../../../errors.ts'
import { type Call, listOf } from '../../call.ts'

/** Changes the HA configuration. An error is appended to `context`. */
export function lockHa(call: Call, context: string, change: () => void): null {
  const { ha, quorate } = call.world
  try {
    if (!quorate) throw failure("cfs-lock 'domain-ha' error: no quorum!")
    change()
  } catch (error) {
    throw failure(`${context}: ${sentenceOf(error)}`)
  }
  ha.save()
  return null
}

/** Which settings a section may have, and which are required. */
export interface SectionOptions {
  readonly required: readonly string[]
  readonly optional: readonly string[]
}

/** Returns the settings of the call, checked as `check_config` does. */
export function settingsOf(call: Call, options: SectionOptions): Map<string, string> {
  const known = [...options.required, ...options.optional]
  const settings = new Map(Object.entries(call.parameters).filter(([key]) => known.includes(key)))
  if ([...settings.values()].some((value) => /[\n\r]/.test(value))) throw failure('property contains a line feed')
  return settings
}

/** Throws for settings that cannot be deleted (`delete`). */
export function checkDeletions(call: Call, { required, optional }: SectionOptions): readonly string[] {
  const keys = listOf(call.optional('delete'))
  for (const key of keys) {
    if (required.includes(key)) throw failure(`unable to delete required option '${key}'`)
    if (!optional.includes(key)) throw failure(`no such option '${key}'`)
  }
  return keys
}

/** Throws if the file has changed since the caller read it. */
export function checkDigest(call: Call, digest: string): void {
  const expected = call.optional('digest')
  if (expected && expected !== digest) {
    throw failure('detected modified configuration - file changed by other user? Try again.')
  }
}

const numeric = new Set([
  'max_relocate',
  'max_restart',
  'failback',
  'auto-rebalance',
  'nofailback',
  'restricted',
  'strict',
  'disable',
])

/** Returns settings as the API does: as numbers if the schema says so. */
export const typed = (settings: ReadonlyMap<string, string>): Record<string, string | number> =>
  Object.fromEntries([...settings].map(([key, value]) => [key, numeric.has(key) ? Number(value) : value]))
