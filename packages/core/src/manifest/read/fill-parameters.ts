// Replaces `${env:NAME}`, `${var:NAME}` and `${secret:NAME}`. Parameters may be displayed. Secrets are allowed only in
// places that are never displayed.
import { closestMatch } from 'leven'
import {
  DOCUMENT,
  isAddress,
  isGuestText,
  mayHoldSecret,
  type RefusedName,
  refusedName,
  secretElsewhere,
  slipIn,
} from './parameter-rules.ts'
import { type Place, positionOf } from './place.ts'
import type { ManifestProblem } from './read-yaml.ts'
import type { Entry, ManifestPath, MapTree, ScalarTree, Tree } from './tree.ts'
import { typed } from './typed-value.ts'

export interface ParameterSources {
  /** The values for `${env:NAME}` and `${secret:NAME}`. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Names of environment variables that may be read. Default: all except the reserved ones. */
  readonly allow?: readonly string[] | undefined
  /** Values for `${var:NAME}` from the command line or the action's inputs. */
  readonly variables: Readonly<Record<string, string>>
  /** Returns how to allow the environment variables that were refused, for a message. */
  readonly howToAllow?: ((names: readonly string[]) => string) | undefined
  /** Returns how to set the value of `${var:NAME}`, for a message: `` `--var NAME=…` ``. */
  readonly howToGive: (name: string) => string
  /** Returns how to set an environment variable, for a message: `export NAME=…`. */
  readonly howToSet: (name: string) => string
  /** Returns a placeholder for a secret when the manifest is only checked. Then no secrets are read. */
  readonly standIn?: ((name: string) => string) | undefined
}

/** The parameters and secrets of one manifest. */
export interface Parameters {
  /** Fills in the document. Texts for the guest are unchanged. */
  fill(tree: MapTree): MapTree
  /** Fills in a text for the guest that requests it. */
  fillText(text: string, place: Place): string
  /** Returns given variables that the manifest neither uses nor declares. */
  unusedVariables(): readonly UnusedVariable[]
  /** Values of the secrets that were used so far. Never display them. */
  readonly secrets: ReadonlySet<string>
  readonly problems: readonly ManifestProblem[]
}

export interface UnusedVariable {
  readonly name: string
  /** The most similar name that the manifest has. */
  readonly meant?: string | undefined
}

const PLACEHOLDER = /\$?\$\{(env|secret|var):([A-Za-z_][A-Za-z0-9_]*)\}/g
/** In the manifest itself, `$${` is an escaped `${`, whatever follows. */
const ESCAPE_OR_PLACEHOLDER = new RegExp(`${PLACEHOLDER.source}|\\$\\$\\{`, 'g')
const WHOLE = /^\$\{(env|var):([A-Za-z_][A-Za-z0-9_]*)\}$/

/** Creates the parameters of a document. Its `vars` contain the default values. */
export function createParameters(root: MapTree, sources: ParameterSources): Parameters {
  return new Filler(root, sources)
}

/** A text that contains a placeholder, and its position. */
interface Holder {
  readonly tree: ScalarTree
  readonly path: ManifestPath
}

interface Placeholder {
  readonly kind: string
  readonly name: string
  readonly offset: number
}

interface Reported {
  readonly problem: ManifestProblem
  /** A name that is not in the list of allowed names. */
  readonly refused?: string
}

class Filler implements Parameters {
  readonly secrets = new Set<string>()
  readonly #reported: Reported[] = []
  readonly #sources: ParameterSources
  readonly #declared: ReadonlyMap<string, Entry>
  readonly #values = new Map<string, Tree>()
  /** Variables that are being resolved, to detect a variable that refers to itself. */
  readonly #open = new Set<string>()

  constructor(root: MapTree, sources: ParameterSources) {
    const vars = root.entries.get('vars')?.value
    this.#sources = sources
    this.#declared = vars?.kind === 'map' ? vars.entries : new Map<string, Entry>()
  }

  /** Read this last: each hint has all refused names, so that one line can be copied. */
  get problems(): readonly ManifestProblem[] {
    const names = new Set(this.#reported.flatMap(({ refused = [] }) => refused))
    const hint = names.size === 0 ? undefined : this.#sources.howToAllow?.([...names])
    return this.#reported.map(({ problem, refused }) =>
      refused === undefined ? problem : { ...problem, message: withHint(problem.message, hint) },
    )
  }

  fill(root: MapTree): MapTree {
    // A variable is filled in only where it is used, because the default of an overridden variable may refer to an
    // unset one.
    const entries = [...root.entries].map(([key, entry]): [string, Entry] => [
      key,
      key === 'vars' ? entry : { ...entry, value: this.#fill(entry.value, [key]) },
    ])
    return { ...root, entries: new Map(entries) }
  }

  fillText(text: string, place: Place): string {
    return String(this.#fillParts({ tree: { kind: 'scalar', value: text, place }, path: DOCUMENT }).value)
  }

  unusedVariables(): readonly UnusedVariable[] {
    const known = [...this.#declared.keys(), ...this.#values.keys()]
    const unused = Object.keys(this.#sources.variables).filter((name) => !known.includes(name))
    return unused.map((name) => ({ name, meant: nearest(name, known) }))
  }

  #report({ place }: Tree, message: string): undefined {
    this.#reported.push({ problem: { ...positionOf(place), message } })
  }

  #refuse({ place }: Tree, name: string, { message, mayBeListed }: RefusedName): undefined {
    this.#reported.push({ problem: { ...positionOf(place), message }, ...(mayBeListed && { refused: name }) })
  }

  #fill(tree: Tree, path: ManifestPath): Tree {
    if (tree.kind === 'scalar') return this.#fillScalar({ tree, path })
    if (tree.kind === 'list')
      return { ...tree, items: tree.items.map((item, index) => this.#fill(item, [...path, index])) }
    const entries = [...tree.entries].map(([key, entry]): [string, Entry] => [
      key,
      { ...entry, value: this.#fill(entry.value, [...path, key]) },
    ])
    return { ...tree, entries: new Map(entries) }
  }

  #fillScalar(holder: Holder): Tree {
    const { tree, path } = holder
    if (typeof tree.value !== 'string' || !tree.value.includes('${') || isGuestText(path)) return tree
    const [, kind, name = ''] = WHOLE.exec(tree.value) ?? []
    if (kind === 'var') return movedTo(this.#variable(name, tree) ?? unknown(tree), tree)
    if (kind !== 'env') return this.#fillParts(holder)
    const value = this.#environment(name, kind, tree)
    return value === undefined ? unknown(tree) : typed(value, tree)
  }

  #fillParts(holder: Holder): ScalarTree {
    const unset: string[] = []
    const text = String(holder.tree.value)
    const slip = slipIn(text, holder.path)
    if (slip !== undefined) {
      this.#report(holder.tree, slip)
      return { ...holder.tree, isUnknown: true }
    }
    const value = text.replace(holder.path === DOCUMENT ? PLACEHOLDER : ESCAPE_OR_PLACEHOLDER, (...match) => {
      const [whole, kind, name, offset] = match as [string, string, string, number]
      // Two dollar signs stand for a literal one.
      if (whole.startsWith('$$')) return whole.slice(1)
      const found = this.#part({ kind, name, offset }, holder)
      if (found === undefined) unset.push(name)
      return found ?? whole
    })
    return { ...holder.tree, value, ...(unset.length > 0 && { isUnknown: true }) }
  }

  #part({ kind, name, offset }: Placeholder, { tree, path }: Holder): string | undefined {
    if (kind === 'var') return this.#textOfVariable(name, tree)
    if (kind === 'env') return this.#environment(name, 'env', tree)
    if (!mayHoldSecret(path, String(tree.value), offset)) return this.#report(tree, secretElsewhere(path, name))
    const value = this.#environment(name, 'secret', tree)
    if (value !== undefined) this.secrets.add(value)
    return value === undefined || !isAddress(path) ? value : encodeURIComponent(value)
  }

  #environment(name: string, kind: 'env' | 'secret', at: Tree): string | undefined {
    const { environment, allow, howToSet, standIn } = this.#sources
    const isStandIn = kind === 'secret' && standIn !== undefined
    const refused = refusedName(name, isStandIn ? undefined : allow)
    if (refused !== undefined) return this.#refuse(at, name, refused)
    const value = isStandIn ? standIn(name) : environment[name]
    if (value !== undefined && value !== '') return value
    const what = kind === 'env' ? 'The environment variable' : 'The secret'
    return this.#report(at, `${what} ${name} is ${value === '' ? 'empty' : 'not set'}: ${howToSet(name)}`)
  }

  /** Returns the value of a variable. A default in the manifest may itself contain environment variables. */
  #variable(name: string, at: Tree): Tree | undefined {
    const known = this.#values.get(name)
    if (known !== undefined) return known
    if (this.#open.has(name)) return this.#report(at, `The variable \`${name}\` refers to itself.`)
    this.#open.add(name)
    const value = this.#valueOf(name, at)
    this.#open.delete(name)
    if (value !== undefined) this.#values.set(name, value)
    return value
  }

  #valueOf(name: string, at: Tree): Tree | undefined {
    const given = this.#sources.variables[name]
    if (given !== undefined) return typed(given, at)
    const own = this.#declared.get(name)?.value
    if (own !== undefined && !(own.kind === 'scalar' && own.value === null)) return this.#fill(own, ['vars', name])
    const known = [...Object.keys(this.#sources.variables), ...this.#declared.keys()]
    return this.#report(
      at,
      missingVariable(name, { isDeclared: own !== undefined, known, howToGive: this.#sources.howToGive(name) }),
    )
  }

  #textOfVariable(name: string, at: Tree): string | undefined {
    const value = this.#variable(name, at)
    if (value === undefined) return undefined
    if (value.kind === 'scalar') return value.isUnknown === true ? undefined : (value.asText ?? String(value.value))
    const what = value.kind === 'list' ? 'list' : 'mapping'
    return this.#report(at, `The variable \`${name}\` is a ${what}, so it can only be a whole value.`)
  }
}

function unknown(tree: ScalarTree): ScalarTree {
  return { ...tree, isUnknown: true }
}

/** Returns the value at the position of the parameter. */
function movedTo(value: Tree, { place }: Tree): Tree {
  return value.kind === 'scalar' ? { ...value, place } : value
}

function nearest(name: string, known: readonly string[]): string | undefined {
  return closestMatch(name, [...new Set(known)], { maxDistance: Math.ceil(name.length / 3) })
}

interface Missing {
  readonly isDeclared: boolean
  readonly known: readonly string[]
  readonly howToGive: string
}

function missingVariable(name: string, { isDeclared, known, howToGive }: Missing): string {
  if (isDeclared) return `The variable \`${name}\` has no value: set it with ${howToGive}.`
  const near = nearest(name, known)
  const meant = near === undefined ? '' : ` Did you mean \`${near}\`?`
  return `There is no variable \`${name}\`: declare it under \`vars\`, or set it with ${howToGive}.${meant}`
}

function withHint(message: string, hint: string | undefined): string {
  return hint === undefined ? message : `${message} ${hint}`
}
