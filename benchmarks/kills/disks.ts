// Kills the program at each request in turn while disks move to another storage, are detached and are removed. One VM runs
// and one is stopped. The next run must complete the work without losing a disk or leaving a volume behind.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { startVendor, type Vendor } from '../machines/manifest.ts'
import { figure } from '../support/figures.ts'
import { APPLY, afterTheNext, eachRequest, inLab, type Place, type Round } from './each-request.ts'
import type { Findings } from './images.ts'
import type { Lab } from './program.ts'

const NAMES = ['db', 'tpl-small', 'web']
const CHANGE = [...APPLY, '--move', '--prune']

export async function killOverDisks(folder: string): Promise<Findings> {
  mkdirSync(folder, { recursive: true })
  const vendor = await startVendor(folder)
  try {
    const { kills, problems } = await eachRequest('disks', (dieAt) => killChange(dieAt, { folder, vendor }))
    return {
      problems,
      figures: [
        figure({ name: 'kills, one with each request of moving and removing disks', unit: 'kills', values: [kills] }),
        figure({
          name: 'kills over disks that the next run did not make good',
          unit: 'kills',
          values: [problems.length],
          target: 0,
        }),
      ],
    }
  } finally {
    vendor.stop()
  }
}

function killChange(dieAt: number, { folder, vendor }: Place): Promise<Round> {
  return inLab(join(folder, `disks-${dieAt}`), manifest(vendor, 'local', ['a', 'b']), async (lab) => {
    await lab.run(APPLY)
    lab.write(manifest(vendor, 'fast', ['b']))
    const { code } = await lab.run(CHANGE, { dieAt })
    return { isLast: code !== 'killed', problems: [...(await afterTheNext(lab, CHANGE, NAMES)), ...disksOf(lab)] }
  })
}

/** The disk with the serial number `b` stays, on its new storage, and the other one is gone. */
function disksOf({ simulator }: Lab): readonly string[] {
  const machines = [...simulator.world.machines.all()].filter(({ config }) => !config.values.has('template'))
  return machines.flatMap(({ config: { values } }) => {
    const name = String(values.get('name'))
    const drives = [...values].filter(([key]) => /^(scsi|unused)\d+$/.test(key)).map(([, value]) => String(value))
    const data = drives.filter((drive) => drive.includes('serial='))
    return [
      ...(data.length === 1 && data[0]?.includes('serial=b') ? [] : [`data disks of ${name} are ${data.join(' ')}`]),
      ...drives.filter((drive) => !drive.startsWith('fast:')).map((drive) => `${name} still has ${drive}`),
    ]
  })
}

function manifest({ url, checksum }: Vendor, disks: string, serials: readonly string[]): string {
  const further = serials.map((serial) => `{ size: 64 MiB, serial: ${serial} }`).join(', ')
  return `project: kills
images:
  small: { url: "${url}", checksum: "${checksum}" }
defaults:
  image: small
  node: pve1
  storage: { images: local, disks: ${disks} }
  memory: 512 MiB
  disks: [${further}]
  network: { bridge: vmbr0 }
vms:
  web: { start: true }
  db: {}
`
}
