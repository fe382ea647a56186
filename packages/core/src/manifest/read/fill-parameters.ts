// `${env:NAME}`, `${var:NAME}` and `${secret:NAME}` put in place. Parameters are shown; secrets only stand where nothing shows them.
import { closestMatch } from 'leven'
import { parseDocument } from 'yaml'
import { type Place, positionOf } from './place.ts'
import type { ManifestProblem } from './read-yaml.ts'
import type { Entry, ManifestPath, MapTree, Scalar, ScalarTree, Tree } from './tree.ts'

export interface ParameterSources {
  /** What `${env:NAME}` and `${secret:NAME}` may name. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Names of the environment that may be read; absent: all but the reserved ones. */
  readonly allow?: readonly string[] | undefined
  /** Values of `${var:NAME}` that were given beside the manifest. */
  readonly variables: Readonly<Record<string, string>>
  /** How a variable of the environment is set, for a sentence: `export NAME=…`. */
  readonly howToSet: (name: string) => string
}

/** Parameters and secrets of one manifest. */
export interface Parameters {
  /** The document filled in; texts that belong to the guest stay as they are. */
  fill(tree: MapTree): MapTree
  /** A text of the guest that asks to be filled in. */
  fillText(text: string, place: Place): string
  /** Variables that were given beside the manifest and that it neither uses nor declares. */
  unusedVariables(): readonly UnusedVariable[]
  /** Values of secrets so far, never to be shown. */
  readonly secrets: ReadonlySet<string>
  readonly problems: readonly ManifestProblem[]
}

export interface UnusedVariable {
  readonly name: string
  /** The nearest that it has. */
  readonly meant?: string | undefined
}

const PLACEHOLDER = /\$?\$\{(env|secret|var):([A-Za-z_][A-Za-z0-9_]*)\}/g
const WHOLE = /^\$\{(env|var):([A-Za-z_][A-Za-z0-9_]*)\}$/

/** What stands for the parameters of a document; `vars` of it are its own defaults. */
export function createParameters(root: MapTree, sources: ParameterSources): Parameters {
  const problems: ManifestProblem[] = []
  const secrets = new Set<string>()
  const declared = root.entries.get('vars')?.value
  const variables = declared?.kind === 'map' ? declared : undefined
  const values = new Map<string, Tree>()
  const report = ({ place }: Tree, message: string) => void problems.push({ ...positionOf(place), message })

  const environmentValue = (name: string, kind: 'env' | 'secret', at: Tree): string | undefined => {
    const refused = refusedName(name, sources)
    if (refused !== undefined) report(at, refused)
    if (refused !== undefined) return undefined
    const value = sources.environment[name]
    if (value !== undefined && value !== '') return value
    const what = kind === 'env' ? 'The environment variable' : 'The secret'
    report(at, `${what} ${name} is ${value === '' ? 'empty' : 'not set'}: ${sources.howToSet(name)}`)
    return undefined
  }

  /** What a variable stands for; the manifest's own value may itself come from the environment. */
  const variable = (name: string, at: Tree): Tree | undefined => {
    const known = values.get(name)
    if (known !== undefined) return known
    const given = sources.variables[name]
    const own = variables?.entries.get(name)?.value
    const value =
      given !== undefined
        ? typed(given, at)
        : own !== undefined && !isNothing(own)
          ? fill(own, ['vars', name])
          : undefined
    if (value === undefined) report(at, missingVariable(name, own !== undefined, knownVariables()))
    else values.set(name, value)
    return value
  }
  const knownVariables = () => [...Object.keys(sources.variables), ...(variables?.entries.keys() ?? [])]

  const fillScalar = (tree: ScalarTree, path: ManifestPath): Tree => {
    if (typeof tree.value !== 'string' || !tree.value.includes('${') || isGuestText(path)) return tree
    const [, kind, name = ''] = WHOLE.exec(tree.value) ?? []
    if (kind === 'env') {
      const value = environmentValue(name, kind, tree)
      return value === undefined ? unknown(tree) : typed(value, tree)
    }
    if (kind === 'var') return movedTo(variable(name, tree) ?? unknown(tree), tree)
    return fillParts(tree, path)
  }

  const fillParts = (tree: ScalarTree, path: ManifestPath): ScalarTree => {
    const unset: string[] = []
    const text = String(tree.value)
    const value = text.replace(PLACEHOLDER, (whole: string, kind: string, name: string, offset: number) => {
      if (whole.startsWith('$$')) return whole.slice(1)
      const found = partOf({ kind, name, text, offset }, { tree, path })
      if (found === undefined) unset.push(name)
      return found ?? whole
    })
    return { ...tree, value, ...(unset.length > 0 && { isUnknown: true }) }
  }

  interface Part {
    readonly kind: string
    readonly name: string
    readonly text: string
    readonly offset: number
  }

  const partOf = (
    { kind, name, text, offset }: Part,
    { tree, path }: { readonly tree: ScalarTree; readonly path: ManifestPath },
  ): string | undefined => {
    if (kind === 'var') return textOf(variable(name, tree), name, tree)
    if (kind === 'env') return environmentValue(name, 'env', tree)
    if (!mayHoldSecret(path, text, offset)) {
      report(tree, secretElsewhere(path, name))
      return undefined
    }
    const value = environmentValue(name, 'secret', tree)
    if (value !== undefined) secrets.add(value)
    return value === undefined || !isAddress(path) ? value : encodeURIComponent(value)
  }

  const textOf = (value: Tree | undefined, name: string, at: Tree): string | undefined => {
    if (value === undefined) return undefined
    if (value.kind === 'scalar' && value.isUnknown !== true) return value.asText ?? String(value.value)
    if (value.kind !== 'scalar')
      report(
        at,
        `The variable \`${name}\` is a ${value.kind === 'list' ? 'list' : 'mapping'}: it can only stand alone.`,
      )
    return undefined
  }

  const fill = (tree: Tree, path: ManifestPath): Tree => {
    if (tree.kind === 'scalar') return fillScalar(tree, path)
    if (tree.kind === 'list') return { ...tree, items: tree.items.map((item, index) => fill(item, [...path, index])) }
    const entries = [...tree.entries].map(([key, entry]): [string, Entry] => [
      key,
      { ...entry, value: fill(entry.value, [...path, key]) },
    ])
    return { ...tree, entries: new Map(entries) }
  }
  return {
    fill: (tree) => fill(tree, []) as MapTree,
    fillText: (text, place) => String(fillParts({ kind: 'scalar', value: text, place }, DOCUMENT).value),
    unusedVariables: () => {
      const own = [...(variables?.entries.keys() ?? [])]
      const unused = Object.keys(sources.variables).filter((name) => !values.has(name) && !own.includes(name))
      return unused.map((name) => ({ name, meant: nearest(name, [...own, ...values.keys()]) }))
    },
    secrets,
    problems,
  }
}

/** As a path whose text the guest reads. */
const DOCUMENT: ManifestPath = ['fill']

function isNothing(tree: Tree): boolean {
  return tree.kind === 'scalar' && tree.value === null
}

function unknown(tree: ScalarTree): ScalarTree {
  return { ...tree, isUnknown: true }
}

/** A value as if it had been written where the parameter stands. */
function movedTo(value: Tree, { place }: Tree): Tree {
  return value.kind === 'scalar' ? { ...value, place } : value
}

/** A text as YAML reads it: a number, `true`, `false`, or a list in brackets; all else is text. */
function typed(text: string, at: Tree): Tree {
  const trimmed = text.trim()
  if (/^\[.*\]$/s.test(trimmed)) return listOf(trimmed, at) ?? { kind: 'scalar', value: text, place: at.place }
  const value = scalarOf(trimmed)
  return typeof value === 'string'
    ? { kind: 'scalar', value: text, place: at.place }
    : { kind: 'scalar', value, asText: text, place: at.place }
}

function scalarOf(text: string): Scalar {
  if (text === 'true' || text === 'false') return text === 'true'
  return /^-?(0|[1-9]\d*)(\.\d+)?$/.test(text) ? Number(text) : text
}

/** `[pve1, pve2]`; nothing where it is no list of single values. */
function listOf(text: string, { place }: Tree): Tree | undefined {
  const document = parseDocument(text, { uniqueKeys: false, prettyErrors: false })
  const value: unknown = document.errors.length > 0 ? undefined : document.toJS({ maxAliasCount: 0 })
  const isPlain = (entry: unknown) => ['string', 'number', 'boolean'].includes(typeof entry)
  if (!Array.isArray(value) || !value.every(isPlain)) return undefined
  return { kind: 'list', place, items: (value as Scalar[]).map((entry) => ({ kind: 'scalar', value: entry, place })) }
}

function nearest(name: string, known: readonly string[]): string | undefined {
  return closestMatch(name, [...new Set(known)], { maxDistance: Math.ceil(name.length / 3) })
}

function missingVariable(name: string, isDeclared: boolean, known: readonly string[]): string {
  if (isDeclared) return `The variable \`${name}\` has no value: give it with \`--var ${name}=…\`.`
  const near = nearest(name, known)
  const meant = near === undefined ? '' : ` Did you mean \`${near}\`?`
  return `There is no variable \`${name}\`: declare it under \`vars\`, or give it with \`--var ${name}=…\`.${meant}`
}

/** Variables of the connection, of the action's inputs and of the runner's own credentials. */
const RESERVED =
  /^(PVE_(ENDPOINT|TOKEN_ID|TOKEN_SECRET|FINGERPRINT|CA|PASSWORD|USERNAME|PROVISION_\w+)|INPUT_\w+|ACTIONS_\w+|STATE_\w+|(GITHUB|GH|CI_JOB|CI_REGISTRY|SYSTEM_ACCESS|NODE_AUTH|NPM|GITEA|FORGEJO)_?TOKEN|CI_(JOB_JWT\w*|DEPLOY_PASSWORD|REGISTRY_PASSWORD)|RUNNER_\w*TOKEN\w*|SYSTEM_ACCESSTOKEN)$/i

function refusedName(name: string, { allow }: ParameterSources): string | undefined {
  if (RESERVED.test(name))
    return `\`${name}\` belongs to the connection or the runner; a manifest may not read it. Give the value another name.`
  if (allow === undefined || allow.includes(name)) return undefined
  return `The manifest may not read ${name} from the environment: it is not in the list of variables that are allowed.`
}

const DOCUMENTS = /^(userData|vendorData|networkConfig)$/

/** Texts of another language, in which `${…}` has its own meaning. */
function isGuestText(path: ManifestPath): boolean {
  const [last, parent] = [path.at(-1), path.at(-2)]
  if (path[0] === 'images')
    return path[2] === 'build' && ['userData', 'run', 'files'].includes(String(path[3])) && last !== 'file'
  if (last === 'description') return true
  const isDocument = parent === 'cloudInit' && DOCUMENTS.test(String(last))
  const isItsText = last === 'text' && path.at(-3) === 'cloudInit' && DOCUMENTS.test(String(parent))
  return isDocument || isItsText
}

function isAddress(path: ManifestPath): boolean {
  const last = path.at(-1)
  if (path[0] === 'images')
    return path[3] === undefined ? last === 'url' || last === 'checksum' : path[2] === 'mirrors' || last === 'url'
  return last === 'url' && path.includes('sshKeys')
}

/** Passwords, and user, password and query of an address; documents are filled in elsewhere. */
function mayHoldSecret(path: ManifestPath, text: string, offset: number): boolean {
  if (path === DOCUMENT || path.at(-1) === 'password') return true
  return isAddress(path) && isInUserOrQuery(text, offset)
}

function isInUserOrQuery(text: string, offset: number): boolean {
  const host = text.indexOf('://') + 3
  const end = text.slice(host).search(/[/?#]/)
  const authority = end < 0 ? text.length : host + end
  const at = text.lastIndexOf('@', authority)
  const query = text.indexOf('?')
  return (host > 2 && offset >= host && offset < at) || (query >= 0 && offset > query)
}

function secretElsewhere(path: ManifestPath, name: string): string {
  const where = `\`${path.join('.')}\``
  const hint = isAddress(path)
    ? 'in an address a secret can be the user, the password or a part of the query'
    : 'a secret can be a password, a part of an address, or stand in a document'
  return `${where} cannot hold the secret ${name}, for it is shown: ${hint}. For what is no secret there is \`\${env:${name}}\`.`
}
