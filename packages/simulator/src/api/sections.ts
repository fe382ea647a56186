// What APIs of section files have in common: which settings a section may have, and what they are in an answer.
import { failure } from '../errors.ts'
import { findRoute } from '../schema/index.ts'
import type { Section, SectionFile, SectionFileName } from '../state/section-file.ts'
import { type Call, listOf } from './call.ts'

/** Perl's error if a section has no type, because it does not exist. @param place the file and line below `perl5` */
export const lookupFailure = (place: string): Error =>
  failure(`cannot lookup undefined type! at /usr/share/perl5/${place}.`)

export interface SectionKind {
  readonly required: readonly string[]
  readonly optional: readonly string[]
  /** Settings that cannot change. They are also in one of the other lists. */
  readonly fixed?: readonly string[]
}

/** Reads a table of names: required settings, optional ones, and fixed ones. */
export const kindOf = (required: string, optional: string, fixed = ''): SectionKind => ({
  required: required.split(' ').filter(Boolean),
  optional: optional.split(' ').filter(Boolean),
  fixed: fixed.split(' ').filter(Boolean),
})

const calls = new Set(['delete', 'digest'])

/** Returns the settings of the call, or throws as `check_config` does. @param ids parameters that are no settings */
export function wantedSettings(
  call: Call,
  kind: SectionKind,
  { ids, creates }: { ids: readonly string[]; creates: boolean },
): Map<string, string> {
  const given = Object.entries(call.parameters).filter(([key]) => !ids.includes(key) && !calls.has(key))
  const known = [...kind.required, ...kind.optional]
  for (const [key, value] of given) {
    if (!creates && kind.fixed?.includes(key)) throw failure(`can't change value of fixed parameter '${key}'`)
    if (!known.includes(key)) throw failure(`unexpected property '${key}'`)
    if (/[\n\r]/.test(value) && key !== 'comment') throw failure(`property '${key}' contains a line feed`)
  }
  const settings = new Map(given)
  const missing = creates ? kind.required.find((key) => !settings.has(key)) : undefined
  if (missing !== undefined) throw failure(`missing value for required option '${missing}'`)
  return settings
}

/** Changes and deletes settings of a section. */
export function changeSettings(
  call: Call,
  section: Section,
  { kind, wanted }: { kind: SectionKind; wanted: ReadonlyMap<string, string> },
): void {
  const gone = listOf(call.optional('delete'))
  for (const key of gone) {
    if (kind.required.includes(key)) throw failure(`unable to delete required option '${key}'`)
    if (!kind.optional.includes(key)) throw failure(`no such option '${key}'`)
    if (kind.fixed?.includes(key)) throw failure(`unable to delete fixed option '${key}'`)
    if (wanted.has(key)) throw failure(`cannot set and delete property '${key}' at the same time!`)
  }
  for (const key of gone) section.settings.delete(key)
  for (const [key, value] of wanted) section.settings.set(key, value)
}

/** Throws if the file has changed since the caller read it. */
export function checkFileDigest(call: Call, file: SectionFile): void {
  const expected = call.optional('digest')
  if (expected && expected !== file.digest()) {
    throw failure('detected modified configuration - file changed by other user? Try again.')
  }
}

/** Changes a section file. Nothing is saved if `change` throws. */
export function changeFile(call: Call, name: SectionFileName, change: (file: SectionFile) => void): null {
  const file = call.world.sectionFiles[name]
  if (!call.world.quorate) throw failure(`cfs-lock 'file-${name}' error: no quorum!`)
  change(file)
  if (name !== 'notifications') dropEmptySettings(file)
  file.save()
  return null
}

/** A line without a value is not read back. */
function dropEmptySettings({ sections }: SectionFile): void {
  for (const { settings } of sections.values()) {
    for (const [key, value] of settings) if (value === '') settings.delete(key)
  }
}

const numeric = new Set(['boolean', 'integer', 'number'])

/** Returns settings as the API does: as numbers if a parameter of this method is one. */
export function typedSettings(
  { world }: Call,
  settings: ReadonlyMap<string, string>,
  [method, path]: readonly [method: string, path: string],
): Record<string, string | number> {
  const rules = findRoute(method, path, world.version)?.rule.parameters ?? {}
  return Object.fromEntries(
    [...settings].map(([key, value]) => [key, numeric.has(rules[key]?.type ?? '') ? Number(value) : value]),
  )
}
