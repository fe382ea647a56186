// Kills the program at each request in turn, during an apply from nothing and during a destroy. The next run must
// complete the work, with nothing twice and nothing left over, and the run after that must find nothing to do.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { startVendor, type Vendor } from '../machines/manifest.ts'
import { figure } from '../support/figures.ts'
import { APPLY, afterTheNext, eachRequest, inLab, type Place, type Round } from './each-request.ts'
import type { Findings } from './images.ts'
import type { Lab } from './program.ts'

const NAMES = ['db', 'tpl-small', 'tpl-small', 'web']
const DESTROY = ['destroy', '--auto-approve', '--json']

export async function killOverMachines(folder: string): Promise<Findings> {
  mkdirSync(folder, { recursive: true })
  const vendor = await startVendor(folder)
  try {
    const applied = await eachRequest('apply', (dieAt) => killApply(dieAt, { folder, vendor }))
    const destroyed = await eachRequest('destroy', (dieAt) => killDestroy(dieAt, { folder, vendor }))
    const problems = [...applied.problems, ...destroyed.problems]
    return {
      problems,
      figures: [
        figure({ name: 'kills, one with each request of an apply', unit: 'kills', values: [applied.kills] }),
        figure({ name: 'kills, one with each request of a destroy', unit: 'kills', values: [destroyed.kills] }),
        figure({
          name: 'kills that the next run did not make good',
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

async function killApply(dieAt: number, place: Place): Promise<Round> {
  return inLab(join(place.folder, `apply-${dieAt}`), manifest(place.vendor), async (lab) => {
    const { code } = await lab.run(APPLY, { dieAt })
    return { isLast: code !== 'killed', problems: await afterTheNext(lab, APPLY, NAMES) }
  })
}

async function killDestroy(dieAt: number, place: Place): Promise<Round> {
  return inLab(join(place.folder, `destroy-${dieAt}`), manifest(place.vendor), async (lab) => {
    await lab.run(APPLY)
    const { code } = await lab.run(DESTROY, { dieAt })
    return { isLast: code !== 'killed', problems: await afterTheNext(lab, DESTROY, []) }
  })
}

/** Kills a rollout at each request. The machine must exist once, run, and have its data, whichever run completed it. */
export async function killOverRollOuts(folder: string): Promise<Findings> {
  mkdirSync(folder, { recursive: true })
  const vendor = await startVendor(folder)
  try {
    const replaced = await eachRequest('roll-out', (dieAt) => killReplace(dieAt, { folder, vendor }))
    return {
      problems: replaced.problems,
      figures: [
        figure({ name: 'kills, one with each request of a roll-out', unit: 'kills', values: [replaced.kills] }),
        figure({
          name: 'kills of a roll-out that the next run did not make good',
          unit: 'kills',
          values: [replaced.problems.length],
          target: 0,
        }),
      ],
    }
  } finally {
    vendor.stop()
  }
}

async function killReplace(dieAt: number, place: Place): Promise<Round> {
  return inLab(join(place.folder, `replace-${dieAt}`), manifest(place.vendor), async (lab) => {
    await lab.run(APPLY)
    const { code } = await lab.run([...APPLY, '--replace', 'web'], { dieAt })
    const running = runningMachines(lab, 'web')
    const twice = running > 1 ? [`${running} machines of one name run`] : []
    return {
      isLast: code !== 'killed',
      problems: [...twice, ...(await afterTheNext(lab, APPLY, NAMES)), ...dataOf(lab)],
    }
  })
}

function runningMachines({ simulator }: Lab, name: string): number {
  return [...simulator.world.machines.all()].filter(
    ({ config, power }) => config.values.get('name') === name && power !== undefined,
  ).length
}

function dataOf({ simulator }: Lab): readonly string[] {
  const web = [...simulator.world.machines.all()].find(({ config }) => config.values.get('name') === 'web')
  return web?.config.values.has('scsi1') ? [] : ['web has no data disk']
}

/** Two nodes, and everything that takes a separate request: a cloud-init ISO, a second disk, a larger one, a start. */
function manifest({ url, checksum }: Vendor): string {
  return `project: kills
images:
  small: { url: "${url}", checksum: "${checksum}" }
defaults:
  image: small
  storage: { images: local, disks: local }
  memory: 512 MiB
  disk: 128 MiB
  network: { bridge: vmbr0 }
vms:
  web: { node: pve1, start: true, disks: [{ size: 1 GiB }], cloudInit: { userData: "#cloud-config\\n{}\\n" } }
  db: { node: pve2, cloudInit: { user: ops, password: secret } }
`
}
