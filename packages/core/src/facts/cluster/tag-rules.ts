// Reads which tags the token may set from the cluster's options (pve-cluster `DataCenterConfig.pm`, `Cluster.pm`).
import type { TagRules } from '../facts.ts'

/**
 * Parses `GET /cluster/options`. Without Sys.Audit on `/`, the answer contains only `allowed-tags`: tags that may be
 * set in every mode. In the mode `free` more tags are allowed than it lists.
 * @param isWhole whether the token can see the other options
 */
export function tagRulesOf(options: Readonly<Record<string, unknown>>, isWhole: boolean): TagRules {
  const allowed = listOf(options['allowed-tags'])
  if (!isWhole) return { allowed }
  const access = propertiesOf(options['user-tag-access'])
  return {
    access: access['user-allow'] ?? 'free',
    registered: listOf(options['registered-tags']),
    allowed: [...allowed, ...listOf(access['user-allow-list'])],
  }
}

/** Parses a list, or a text separated by `;`, `,` or spaces. */
function listOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.map((entry) => String(entry).toLowerCase())
  return typeof value === 'string'
    ? value
        .toLowerCase()
        .split(/[;,\s]+/)
        .filter((tag) => tag !== '')
    : []
}

/** Parses a mapping, or a property string such as `user-allow=list,user-allow-list=a;b`. */
function propertiesOf(value: unknown): Readonly<Record<string, string>> {
  if (typeof value === 'string')
    return Object.fromEntries(value.split(',').map((part) => part.split('=', 2) as [string, string]))
  if (typeof value !== 'object' || value === null) return {}
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, Array.isArray(entry) ? entry.join(';') : String(entry)]),
  )
}
