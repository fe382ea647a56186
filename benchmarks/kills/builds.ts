// Kills the program at each request in turn while it builds an image. The next run must complete the build, run the recipe
// once, and leave neither a VM nor a CD behind.
import { globSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { startVendor, type Vendor } from '../machines/manifest.ts'
import { figure } from '../support/figures.ts'
import { APPLY, afterTheNext, eachRequest, inLab, type Place, type Round } from './each-request.ts'
import type { Findings } from './images.ts'
import type { Lab } from './program.ts'

const NAMES = ['tpl-ready', 'tpl-small', 'web']

export async function killOverBuilds(folder: string): Promise<Findings> {
  mkdirSync(folder, { recursive: true })
  const vendor = await startVendor(folder)
  try {
    const { kills, problems } = await eachRequest('builds', (dieAt) => killBuild(dieAt, { folder, vendor }))
    return {
      problems,
      figures: [
        figure({ name: 'kills, one with each request of the build of an image', unit: 'kills', values: [kills] }),
        figure({
          name: 'kills over builds that the next run did not make good',
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

function killBuild(dieAt: number, { folder, vendor }: Place): Promise<Round> {
  return inLab(join(folder, `builds-${dieAt}`), manifest(vendor), async (lab) => {
    const { code } = await lab.run(APPLY, { dieAt })
    return { isLast: code !== 'killed', problems: [...(await afterTheNext(lab, APPLY, NAMES)), ...leftovers(lab)] }
  })
}

/** The command of the recipe ran once, and no CD is left. */
function leftovers({ simulator }: Lab): readonly string[] {
  const web = [...simulator.world.machines.all()].find(({ config }) => config.values.get('name') === 'web')
  const written = web === undefined ? undefined : simulator.guest(web.vmid).files['/root/built']
  const cds = globSync('nodes/*/var/lib/vz/template/iso/*', { cwd: simulator.dataDirectory })
  return [
    ...(written === 'once\n' ? [] : [`the recipe wrote ${JSON.stringify(written)}`]),
    ...cds.map((cd) => `left behind: ${cd}`),
  ]
}

function manifest({ url, checksum }: Vendor): string {
  return `project: kills
images:
  small: { url: "${url}", checksum: "${checksum}" }
  ready: { from: small, build: { run: ["echo once >> /root/built"] } }
defaults:
  image: ready
  node: pve1
  storage: { images: local, disks: local }
  memory: 512 MiB
  network: { bridge: vmbr0 }
vms:
  web: { start: true }
`
}
