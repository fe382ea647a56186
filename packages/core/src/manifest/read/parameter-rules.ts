// Rules for where parameters and secrets are allowed, and which environment variables a manifest may read.
import type { ManifestPath } from './tree.ts'

/** Stands for the path of a guest text that is filled in. */
export const DOCUMENT: ManifestPath = ['fill']

/**
 * Variables of the connection (a proxy's may contain a password), of the action's inputs and of the runner's
 * credentials.
 */
const RESERVED =
  /^(PVE_(ENDPOINT|TOKEN_ID|TOKEN_SECRET|FINGERPRINT|CA|PASSWORD|USERNAME|PROVISION_\w+)|INPUT_\w+|ACTIONS_\w+|STATE_\w+|(GITHUB|GH|GITEA|FORGEJO)_(\w+_)?(TOKEN|PAT)|(CI_JOB|CI_REGISTRY|SYSTEM_ACCESS|NODE_AUTH|NPM)_?TOKEN|(HTTPS?|ALL)_PROXY|CI_(JOB_JWT\w*|DEPLOY_PASSWORD|REGISTRY_PASSWORD)|RUNNER_\w*TOKEN\w*|SYSTEM_ACCESSTOKEN)$/i

export interface RefusedName {
  readonly message: string
  /** True if the name could be added to the list of allowed names. */
  readonly mayBeListed: boolean
}

/** Returns why a manifest may not read an environment variable, or undefined if it may. */
export function refusedName(name: string, allow: readonly string[] | undefined): RefusedName | undefined {
  if (RESERVED.test(name)) {
    const message = `\`${name}\` belongs to the connection or the runner, so a manifest may not read it. Use a variable of another name.`
    return { message, mayBeListed: false }
  }
  if (allow === undefined || allow.includes(name)) return undefined
  const message = `The manifest may not read ${name} from the environment: it is not in the list of allowed variables.`
  return { message, mayBeListed: true }
}

const DOCUMENTS = /^(userData|vendorData|networkConfig)$/

/** Texts in other languages, in which `${…}` has its own meaning. */
export function isGuestText(path: ManifestPath): boolean {
  const [last, parent] = [path.at(-1), path.at(-2)]
  if (path[0] === 'images')
    return (
      path[2] === 'build' && ['userData', 'networkConfig', 'run', 'files'].includes(String(path[3])) && last !== 'file'
    )
  if (last === 'description') return true
  const isDocument = parent === 'cloudInit' && DOCUMENTS.test(String(last))
  const isItsText = last === 'text' && path.at(-3) === 'cloudInit' && DOCUMENTS.test(String(parent))
  return isDocument || isItsText
}

/** Returns true if the value at a path is an address, which may contain secret parts. */
export function isAddress(path: ManifestPath): boolean {
  const last = path.at(-1)
  if (path[0] === 'images')
    return path[3] === undefined ? last === 'url' || last === 'checksum' : path[2] === 'mirrors' || last === 'url'
  return last === 'url' && path.includes('sshKeys')
}

/** Returns true for passwords, and for user, password and query of an address. Documents are handled elsewhere. */
export function mayHoldSecret(path: ManifestPath, text: string, offset: number): boolean {
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

/** Creates the message for a secret at a path where secrets are not allowed. */
export function secretElsewhere(path: ManifestPath, name: string): string {
  const where = `\`${path.join('.')}\``
  const hint = isAddress(path)
    ? 'in an address, only the user, the password and the query can contain a secret'
    : 'only passwords, addresses and documents can contain a secret'
  return `${where} cannot contain the secret ${name}, because it is shown: ${hint}. For a value that is not a secret, use \`\${env:${name}}\`.`
}

const OPENING = /(\$?)\$\{([^}\n]*)(\}?)/g
const PARAMETER = /^(?:env|secret|var):[A-Za-z_][A-Za-z0-9_]*$/
const KIND = /^\s*(env|secret|var|machine)\b/i

/** Returns a sentence about a `${…}` that looks like a parameter but is not, and would be used literally. */
export function slipIn(text: string, path: ManifestPath): string | undefined {
  for (const { 0: whole, 1: dollar, 2: inner = '', 3: end, index } of text.matchAll(OPENING)) {
    const isFine = dollar !== '' || (end !== '' && PARAMETER.test(inner))
    if (isFine || !isSlip(inner, path)) continue
    // Text that may be part of a secret is not shown.
    const isHidden = path !== DOCUMENT && mayHoldSecret(path, text, index)
    const words = slipWords(isHidden ? 'secret:NAME' : inner, end !== '', path)
    return `${isHidden ? 'A `${…}` here' : `\`${whole}\``} ${words}`
  }
  return undefined
}

/** Documents contain other text in braces, so only text that begins like a parameter is checked. */
function isSlip(inner: string, path: ManifestPath): boolean {
  const [, kind = ''] = KIND.exec(inner) ?? []
  return path === DOCUMENT ? kind !== '' && kind !== 'machine' : true
}

function slipWords(inner: string, isClosed: boolean, path: ManifestPath): string {
  const [, kind = 'env'] = KIND.exec(inner.toLowerCase()) ?? []
  // Of `${nev:CORES}`, the part after the colon.
  const plain = inner.replace(KIND, '').replace(/^\s*\w+:(?=\w)/, '')
  const [name = 'NAME'] = /[A-Za-z_][A-Za-z0-9_]*/.exec(plain) ?? []
  if (!isClosed) return 'is not closed: `}` is missing.'
  if (kind === 'machine') return 'works only in a document with `fill: true`.'
  if (/:?-/.test(inner.replace(KIND, '').slice(1)))
    return `is not supported, because parameters have no default: write \`\${var:${name}}\`, and \`${name}\` with its value under \`vars\`.`
  const literal = path === DOCUMENT ? '' : ', or two dollar signs for a literal dollar'
  return `is not a parameter: write \`\${${kind}:${name}}\`${literal}.`
}
