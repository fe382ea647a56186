// Measures how fast machines are created, and the cost of a run without changes, each compared with the best rival.
// Usage: npm run bench:machines [-- --quick] [--json FILE] [--only batch,20,100,large,clones,roll-out] [--runs N] [--provider FOLDER]
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Figure, publish } from '../support/figures.ts'
import { install, type Need } from '../support/install.ts'
import { compareBatch } from './batch.ts'
import { compareClones } from './clones.ts'
import { measureLarge } from './large.ts'
import { startVendor } from './manifest.ts'
import { compareNoOp } from './no-op.ts'
import { measureRollOut } from './roll-out.ts'

const ESSENTIAL: readonly Need[] = [
  { package: 'time', programs: ['time'] },
  { package: 'qemu-utils', programs: ['qemu-img'] },
]
const RIVALS: readonly Need[] = [
  { package: 'ansible', programs: ['ansible-playbook'] },
  { package: 'python3-proxmoxer', module: 'proxmoxer' },
  { package: 'python3-requests', module: 'requests' },
]

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    only: { type: 'string', default: 'batch,20,100,large,clones,roll-out' },
    runs: { type: 'string' },
    provider: { type: 'string' },
  },
})
const runs = Number(values.runs ?? (values.quick ? 1 : 5))
const only = new Set(values.only.split(','))

const lacking = install(ESSENTIAL)
if (lacking !== undefined) {
  console.error(lacking)
  process.exit(1)
}
const noRivals = install(RIVALS)
const notes = noRivals === undefined ? [] : [`${noRivals} The comparison with Ansible is left out.`]
const folder = mkdtempSync(join(tmpdir(), 'pve-provision-machines-'))
const vendor = await startVendor(folder)
const figures: Figure[] = []
try {
  const common = { runs, vendor, folder, withAnsible: noRivals === undefined }
  if (only.has('20'))
    figures.push(
      ...(await compareNoOp({ ...common, machines: 20, targets: { ansible: 20, proxmoxer: 2, requests: 30 } })),
    )
  if (only.has('100'))
    figures.push(
      ...(await compareNoOp({ ...common, machines: 100, targets: { ansible: 60, proxmoxer: 1.5, requests: 110 } })),
    )
  if (only.has('large')) figures.push(...(await measureLarge(common)))
  if (only.has('clones'))
    figures.push(...(await compareClones({ runs, folder, provider: values.provider, machines: [6, 24] })))
  if (only.has('roll-out')) figures.push(...(await measureRollOut(common)))
  if (only.has('batch')) figures.push(...(await compareBatch({ ...common, machines: 24 })))
} finally {
  vendor.stop()
  rmSync(folder, { recursive: true, force: true })
}
publish({ runs, figures, notes }, values.json)
