// HTTP clients that packages in our bundles import and that no run of ours calls. Loading them would take a third of the
// start, so a bundle gets less: an empty module, or Node's `http` without its WebSocket.

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
export const withoutUnusedClients = {
  name: 'without-unused-clients',
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
