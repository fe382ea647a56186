// Makes bundles that start fast: HTTP clients that packages import and that no run calls become an empty module, and Node's
// own modules come with only the names that are used. Loading the rest takes more than a quarter of the start of the action.
import { isBuiltin } from 'node:module'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

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

const BUILTIN = '\0builtin:'

/**
 * Importing a module of Node reads all its exports, and some load more when they are read: `WebSocket` loads Node's copy of
 * undici, `webcrypto` the web's cryptography. So a bundle reads only the names that it uses. Not `node:module`: the entry
 * file imports it to tell an older Node its version, and an older Node cannot do the following.
 */
function builtinModule(id) {
  const names = Object.keys(process.getBuiltinModule(id)).filter(
    (name) => /^[A-Za-z_$][\w$]*$/.test(name) && name !== 'default',
  )
  const exports = names.map(
    (name) => `const _${name} = /* @__PURE__ */ read('${name}')\nexport { _${name} as ${name} }`,
  )
  return `const builtin = process.getBuiltinModule('${id}')
const read = (name) => builtin[name]
export default builtin
${exports.join('\n')}
`
}

/** A rolldown plugin. */
export const lightClients = {
  name: 'light-clients',
  resolveId(source, importer = '', { kind } = {}) {
    if (kind === 'import-statement' && isBuiltin(source) && !/^(?:node:)?module$/.test(source)) {
      // One for each importer, so that a chunk loads only the modules of Node that it uses itself.
      return `${BUILTIN}node:${source.replace(/^node:/, '')}?${relative(ROOT, importer).replaceAll('\\', '/')}`
    }
    const from = importer.replaceAll('\\', '/')
    const isUnused = UNUSED.some(
      (unused) =>
        (source === unused.client || source.startsWith(`${unused.client}/`)) &&
        from.includes(`/node_modules/${unused.importer}/`),
    )
    return isUnused ? EMPTY : null
  },
  load(id) {
    if (id.startsWith(BUILTIN)) return builtinModule(id.slice(BUILTIN.length).replace(/\?.*/, ''))
    return id === EMPTY ? EMPTY_MODULE : null
  },
}
