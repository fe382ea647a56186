// Finds the method of a request like Proxmox's REST handler: fixed words win over captures.
import { type MethodRule, methodRules, type ProxmoxVersion } from './rules.ts'

/** The method of a request, and the values in its path. */
export type Route = { readonly rule: MethodRule; readonly captures: Readonly<Record<string, string>> }

type Branch = {
  readonly words: Map<string, Branch>
  readonly methods: Map<string, MethodRule>
  capture?: { readonly name: string; readonly branch: Branch }
}

/** Volume ids and networks contain slashes, so everything after `content/` or the name of an IP set is one capture. */
const GREEDY = new Set(['volume', 'cidr'])

const trees = new Map<ProxmoxVersion, Branch>()

/**
 * Returns the route of a request, or `undefined` if Proxmox answers `501 Method 'GET /nosuch' not implemented`.
 * @param path the percent-decoded path after `/api2/json`, such as `/nodes/pve/qemu/100/config`
 */
export function findRoute(method: string, path: string, version: ProxmoxVersion): Route | undefined {
  const captures: Record<string, string> = {}
  let branch = tree(version)
  const words = path.split('/').filter((word) => word !== '')
  for (const [index, word] of words.entries()) {
    const next = branch.words.get(word)
    if (next) {
      branch = next
      continue
    }
    const { capture } = branch
    if (!capture) return undefined
    branch = capture.branch
    captures[capture.name] = GREEDY.has(capture.name) ? words.slice(index).join('/') : word
    // Perl's \S+: a capture contains no white space.
    if (/\s/.test(captures[capture.name] ?? '')) return undefined
    if (GREEDY.has(capture.name)) break
  }
  const rule = branch.methods.get(method)
  return rule && { rule, captures }
}

function tree(version: ProxmoxVersion): Branch {
  const known = trees.get(version)
  if (known) return known
  const root = emptyBranch()
  for (const rule of methodRules(version)) branchFor(root, rule.template).methods.set(rule.method, rule)
  trees.set(version, root)
  return root
}

function branchFor(root: Branch, template: string): Branch {
  let branch = root
  for (const word of template.split('/').filter(Boolean)) branch = childFor(branch, word)
  return branch
}

function childFor(branch: Branch, word: string): Branch {
  const name = /^\{(.+)\}$/.exec(word)?.[1]
  if (name !== undefined) {
    branch.capture ??= { name, branch: emptyBranch() }
    return branch.capture.branch
  }
  const child = branch.words.get(word) ?? emptyBranch()
  branch.words.set(word, child)
  return child
}

function emptyBranch(): Branch {
  return { words: new Map(), methods: new Map() }
}
