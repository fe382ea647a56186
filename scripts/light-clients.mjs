// Makes bundles that start fast: HTTP clients that packages import and that no run calls become an empty module, and Node's
// `http` comes without its WebSocket. Loading them takes more than a quarter of the start of the action.

/** Each is left out only for the package that imports it in vain. Other importers get the real one. */
const UNUSED = [
  // The request engine of proxmox-api. Ours replaces it.
  { client: 'undici', importer: 'proxmox-api' },
  // The OpenID tokens of @actions/core.
  { client: '@actions/http-client', importer: '@actions/core' },
]

const EMPTY = '\0unused-client'

const EMPTY_MODULE = `
export function fetch() { throw new Error('This HTTP client is not part of the bundle.') }
export class HttpClient { constructor() { fetch() } }
export class BearerCredentialHandler { constructor() { fetch() } }
`

const HTTP = '\0http'

/**
 * Importing `node:http` reads all its exports, and reading `WebSocket` loads Node's copy of undici. These are the exports
 * that clients use.
 */
const HTTP_MODULE = `
const http = process.getBuiltinModule('node:http')
export default http
export const { Agent, ClientRequest, IncomingMessage, METHODS, STATUS_CODES, get, globalAgent, request } = http
`

/** A rolldown plugin. */
export const lightClients = {
  name: 'light-clients',
  resolveId(source, importer = '', { kind } = {}) {
    if (kind === 'import-statement' && /^(?:node:)?http$/.test(source)) return HTTP
    const from = importer.replaceAll('\\', '/')
    const isUnused = UNUSED.some(
      (unused) =>
        (source === unused.client || source.startsWith(`${unused.client}/`)) &&
        from.includes(`/node_modules/${unused.importer}/`),
    )
    return isUnused ? EMPTY : null
  },
  load(id) {
    if (id === HTTP) return HTTP_MODULE
    return id === EMPTY ? EMPTY_MODULE : null
  },
}
