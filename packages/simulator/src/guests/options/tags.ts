// Tags: which tags a user may add and remove, and how they are stored (pve-guest-common `GuestHelpers.pm`).
import { type Call, listOf } from '../../api/call.ts'
import { forbidden } from '../../errors.ts'
import type { World } from '../../world.ts'
import { needOnGuest } from './option-privileges.ts'

/** A setting of `datacenter.cfg` that is a property string. */
function setting(world: World, option: string, name: string): string | undefined {
  const parts = (world.datacenter.options.get(option) ?? '').split(',')
  return parts.find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1)
}

interface AllowedTags {
  readonly allowed: ReadonlySet<string>
  readonly registered: ReadonlySet<string>
  /** True if any tag that is not registered is allowed. */
  readonly isFree: boolean
}

/**
 * Returns the tags that this caller may set. Registered tags require the privilege to change the datacenter's settings.
 */
export function allowedTags(call: Call): AllowedTags {
  const { world } = call
  const isPrivileged = call.may('/', 'Sys.Modify')
  const registered = new Set(listOf(world.datacenter.options.get('registered-tags')))
  const userAllow = setting(world, 'user-tag-access', 'user-allow') ?? 'free'
  const allowed = new Set<string>()
  if (userAllow !== 'none' || isPrivileged) {
    for (const tag of listOf(setting(world, 'user-tag-access', 'user-allow-list'))) allowed.add(tag)
  }
  if (userAllow === 'free' || userAllow === 'existing' || isPrivileged) {
    for (const tag of usedTags(call, isPrivileged)) allowed.add(tag)
  }
  for (const tag of registered) {
    if (isPrivileged) allowed.add(tag)
    else allowed.delete(tag)
  }
  return { allowed, registered, isFree: userAllow === 'free' }
}

function usedTags(call: Call, isPrivileged: boolean): readonly string[] {
  return call.world.machines
    .all()
    .filter(({ vmid }) => isPrivileged || call.may(`/vms/${vmid}`, 'VM.Audit'))
    .flatMap(({ config }) => listOf(String(config.values.get('tags') ?? '')))
}

/** Throws the 403 for a tag that the caller may not add or remove. */
export function checkTags(
  call: Call,
  { vmid, before = '', after }: { readonly vmid: number; readonly before?: string | undefined; readonly after: string },
): void {
  needOnGuest(call, { vmid }, 'VM.Config.Options')
  if (call.may('/', 'Sys.Modify')) return
  const { allowed, registered, isFree } = allowedTags(call)
  const [old, wanted] = [listOf(before), listOf(after)]
  const count = (tags: readonly string[], tag: string): number => tags.filter((one) => one === tag).length
  for (const tag of new Set([...old, ...wanted])) {
    if (count(old, tag) === count(wanted, tag)) continue
    if ((!allowed.has(tag) && !isFree) || registered.has(tag)) {
      throw forbidden(`/, Sys.Modify for modifying tag '${tag}'`)
    }
  }
}

/** Removes duplicates, converts to lower case and sorts, unless `tag-style` says otherwise. Joined by `;`. */
export function storedTags(world: World, text: string): string {
  const isCaseSensitive = setting(world, 'tag-style', 'case-sensitive') === '1'
  const inOrder = setting(world, 'tag-style', 'ordering') === 'config'
  const fold = (tag: string): string => (isCaseSensitive ? tag : tag.toLowerCase())
  const tags = listOf(text).map(fold)
  return [...new Set(inOrder ? tags : tags.toSorted())].join(';')
}
