// What resources, groups and rules have in common: one lock, sections of settings, and the rules of PVE::SectionConfig.
import { failure, sentenceOf } from '../../../errors.ts'
import { type Call, listOf } from '../../call.ts'

/** Changes the configuration of high availability; what goes wrong comes behind `context`. */
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

/** Which settings a section may have, and which of them it cannot be without. */
export interface SectionOptions {
  readonly required: readonly string[]
  readonly optional: readonly string[]
}

/** What the call sets, checked as `check_config` does. */
export function settingsOf(call: Call, options: SectionOptions): Map<string, string> {
  const known = [...options.required, ...options.optional]
  const settings = new Map(Object.entries(call.parameters).filter(([key]) => known.includes(key)))
  if ([...settings.values()].some((value) => /[\n\r]/.test(value))) throw failure('property contains a line feed')
  return settings
}

/** Throws for what cannot be taken away (`delete`). */
export function checkDeletions(call: Call, { required, optional }: SectionOptions): readonly string[] {
  const keys = listOf(call.optional('delete'))
  for (const key of keys) {
    if (required.includes(key)) throw failure(`unable to delete required option '${key}'`)
    if (!optional.includes(key)) throw failure(`no such option '${key}'`)
  }
  return keys
}

/** Throws when somebody else was faster. */
export function checkDigest(call: Call, digest: string): void {
  const expected = call.optional('digest')
  if (expected && expected !== digest) {
    throw failure('detected modified configuration - file changed by other user? Try again.')
  }
}

const numeric = new Set(['max_relocate', 'max_restart', 'failback', 'nofailback', 'restricted', 'strict', 'disable'])

/** Settings as the API tells them: numbers where the schema has them. */
export const typed = (settings: ReadonlyMap<string, string>): Record<string, string | number> =>
  Object.fromEntries([...settings].map(([key, value]) => [key, numeric.has(key) ? Number(value) : value]))
