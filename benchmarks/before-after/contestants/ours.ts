// pve-provision, through its command line.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { measure } from '../../support/measure.ts'
import type { Job, Run } from '../job.ts'

/** `local` writes files on the node, like the other contestants. `auto` lets the planner choose. */
export type Route = 'local' | 'auto'

const CLI = join(process.cwd(), 'packages/cli/dist/main.js')

/** @param options of `apply` */
export function ours(route: Route, ...options: readonly string[]): Run {
  return ({ site, job, signal }) => {
    const manifest = join(site.folder, 'manifest.yaml')
    writeFileSync(manifest, manifestOf(job, route))
    return measure([process.execPath, CLI, 'apply', '--auto-approve', '--json', '--file', manifest, ...options], {
      environment: { ...site.cluster.environment, PVE_PROVISION_CACHE: join(site.folder, 'cache') },
      signal,
    })
  }
}

function manifestOf({ vendor, images, machines, convert }: Job, route: Route): string {
  const conversion = convert ? 'format: raw, convert: runner, ' : ''
  const source = (image: string) => `url: ${vendor}/${image}.qcow2, checksum: ${vendor}/SHA256SUMS`
  return `project: bench
images:
${images.map((image) => `  ${image}: { ${conversion}route: ${route}, ${source(image)} }`).join('\n')}
defaults:
  node: pve1
  storage: { images: local, disks: local }
  cores: 2
  memory: 1 GiB
  agent: true
  network: { bridge: vmbr0 }
  cloudInit: { user: ops, ip: dhcp }
vms:
${machines.map(({ name, image }) => `  ${name}: { image: ${image} }`).join('\n')}
`
}
