// The entry point. It loads as little as possible before the command is known, so that `--version` is as fast as Node
// itself. Built-in modules are imported as a whole: an older Node fails to link a missing name, and could not report
// its version.
import * as nodeModule from 'node:module'
import { VERSION } from './version.ts'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major < 22 || (major === 22 && minor < 15)) {
  process.stderr.write(`pve-provision needs Node 22.15 or later; this is ${process.versions.node}.\n`)
  process.exitCode = 64
} else if (process.argv.length === 3 && (process.argv[2] === '--version' || process.argv[2] === '-V')) {
  process.stdout.write(`${VERSION}\n`)
} else {
  const folder = compileCacheFolder()
  if (folder) nodeModule.enableCompileCache(folder)
  const { main } = await import('./cli.ts')
  process.exitCode = await main(process.argv.slice(2))
}

/**
 * A folder of this user, because Node's default in /tmp is shared by all users. Under /proc, Node would hang forever.
 */
function compileCacheFolder(): string | undefined {
  const base = process.env.XDG_CACHE_HOME || (process.env.HOME && `${process.env.HOME}/.cache`)
  return base?.startsWith('/') && !/^\/(proc|sys|dev)\//.test(`${base}/`) ? `${base}/pve-provision/compile` : undefined
}
