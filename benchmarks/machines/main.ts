// How fast machines are made and how little it takes to find nothing to do, each against the best rival.
// Usage: npm run bench:machines [-- --quick] [--json FILE] [--only batch,20,100,large] [--runs N]
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Figure, publish } from '../support/figures.ts'
import { missingPrograms } from '../support/measure.ts'
import { compareBatch } from './batch.ts'
import { measureLarge } from './large.ts'
import { startVendor } from './manifest.ts'
import { compareNoOp, hasAnsible } from './no-op.ts'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    only: { type: 'string', default: 'batch,20,100,large' },
    runs: { type: 'string' },
  },
})
const runs = Number(values.runs ?? (values.quick ? 1 : 5))
const only = new Set(values.only.split(','))

const notes = install()
const folder = mkdtempSync(join(tmpdir(), 'pve-provision-machines-'))
const vendor = await startVendor(folder)
const figures: Figure[] = []
try {
  const common = { runs, vendor, folder }
  if (only.has('20'))
    figures.push(
      ...(await compareNoOp({ ...common, machines: 20, targets: { ansible: 20, proxmoxer: 2, requests: 30 } })),
    )
  if (only.has('100'))
    figures.push(
      ...(await compareNoOp({ ...common, machines: 100, targets: { ansible: 60, proxmoxer: 1.5, requests: 110 } })),
    )
  if (only.has('large')) figures.push(...(await measureLarge(common)))
  if (only.has('batch')) figures.push(...(await compareBatch({ ...common, machines: 24 })))
} finally {
  vendor.stop()
  rmSync(folder, { recursive: true, force: true })
}
publish({ runs, figures, notes }, values.json)

/** The rivals, where apt and the right to use it are there; otherwise it is said. */
function install(): string[] {
  const wanted = [...missingPrograms(['time']), ...missingPrograms(['qemu-img']).map(() => 'qemu-utils')]
  if (!hasAnsible()) wanted.push('ansible', 'python3-proxmoxer', 'python3-requests')
  if (wanted.length > 0) apt(wanted)
  return hasAnsible()
    ? []
    : [
        'Ansible and proxmoxer cannot be had here (apt-get install ansible python3-proxmoxer): the comparison with Ansible is left out.',
      ]
}

function apt(packages: readonly string[]): void {
  const command = ['apt-get', 'install', '-y', '--no-install-recommends', ...packages]
  const [program = '', ...rest] = process.getuid?.() === 0 ? command : ['sudo', '-n', ...command]
  console.error(`  installing ${packages.join(' ')}`)
  spawnSync(program, rest, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
}
