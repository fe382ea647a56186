// For CI: a simulated cluster and a vendor that keep running. Writes a manifest for them to the named file, and the
// connection to the environment of the job's later steps.
import { appendFileSync, mkdtempSync, renameSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { manifest } from '../packages/action/test/support/given.ts'
import { startVendor } from '../packages/action/test/support/vendor.ts'
import { startSimulator } from './quickstart/start-simulator.ts'

const [file = 'simulated.yaml'] = process.argv.slice(2)
const { endpoint, tokenId, tokenSecret, fingerprint } = await startSimulator(mkdtempSync(join(tmpdir(), 'simulated-')))
const vendor = await startVendor()
const variables = {
  PVE_ENDPOINT: endpoint,
  PVE_TOKEN_ID: tokenId,
  PVE_TOKEN_SECRET: tokenSecret,
  PVE_FINGERPRINT: fingerprint,
}
const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}\n`)
const { GITHUB_ENV } = process.env
if (GITHUB_ENV) appendFileSync(GITHUB_ENV, lines.join(''))
else process.stdout.write(lines.join(''))
writeFileSync(`${file}.new`, manifest(vendor, { project: 'simulated' }))
// The file appears complete, and only when everything else is ready.
renameSync(`${file}.new`, file)
