// Images that are built, from the manifest to the machine: planned, applied, changed, failed and pruned.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Cluster, startCluster } from './support/cluster.ts'
import { startVendor, type Vendor } from './support/vendor.ts'

let vendor: Vendor
let cluster: Cluster

beforeAll(async () => {
  vendor = await startVendor()
  cluster = await startCluster({ guests: { failing: ['broken'] } })
})
afterAll(async () => {
  await cluster?.close()
  await vendor?.close()
})

const manifest = (recipe: string, rest = '') => `project: shop
images:
  base: { url: ${vendor.url}/packed.img, checksum: ${vendor.url}/SHA256SUMS }
  with-agent: { from: base, build: ${recipe} }
${rest}defaults: { node: pve1, storage: { images: local, disks: local }, network: { bridge: vmbr0 } }
vms: { web: { image: with-agent, cloudInit: { ip: dhcp }, start: true, wait: agent } }
`

const RECIPE = '{ packages: [nginx, curl], run: ["echo built > /etc/built"] }'
const APPLY = ['apply', '--auto-approve', '--json']

interface Step {
  readonly id: string
  readonly kind: string
  readonly status: string
  readonly error?: { readonly code: string; readonly message: string; readonly hint: string; readonly log: string[] }
}

const buildIn = (stdout: string) =>
  (JSON.parse(stdout) as { readonly steps: readonly Step[] }).steps.find(({ kind }) => kind === 'build')

const names = () =>
  [...cluster.simulator.world.machines.all()]
    .map(({ config }) => String(config.values.get('name')).replace(/^(tpl-[a-z-]+)-.*/, '$1'))
    .sort()

describe('an image that is built', () => {
  it('is told in the plan: on what, and what is done to it', async () => {
    const { stdout, exitCode } = await cluster.cli(['plan'], { manifest: manifest(RECIPE) })
    expect(exitCode).toBe(0)
    expect(stdout.replace(/\s+/g, ' ')).toMatch(
      /with-agent built from base: installs 2 packages, runs 1 command, on pve1\/local/,
    )
    expect(stdout.replace(/\s+/g, ' ')).toMatch(/base .*template on pve1\/local/)
  })

  it('is built by apply, and nothing is left to do', async () => {
    const { stdout, stderr, exitCode } = await cluster.cli(APPLY)
    expect(exitCode, stderr).toBe(0)
    expect(buildIn(stdout)).toMatchObject({ id: 'build:with-agent@pve1/local', status: 'done' })
    expect(names()).toEqual(['tpl-base', 'tpl-with-agent', 'web'])
    const again = await cluster.cli(APPLY)
    expect(JSON.parse(again.stdout)).toMatchObject({ ok: true, changed: false })
    const web = JSON.parse(stdout).vms[0] as { readonly vmid: number; readonly ips: string[]; readonly image: string }
    expect(web).toMatchObject({ image: 'with-agent', ips: [expect.stringMatching(/^\d+\./)] })
    const guest = cluster.simulator.guest(web.vmid)
    expect(guest.packages).toEqual(['qemu-guest-agent', 'nginx', 'curl'])
    expect(guest.files['/etc/built']).toBe('built\n')
  })

  it('is in `images list`, which says who needs which template', async () => {
    const { stdout } = await cluster.cli(['images', 'list', '--json'])
    const { templates, volumes } = JSON.parse(stdout) as {
      readonly volumes: readonly { readonly image: string; readonly usedBy: string[] }[]
      readonly templates: readonly { readonly image: string; readonly name: string; readonly usedBy: string[] }[]
    }
    expect(Object.fromEntries(templates.map(({ image, usedBy }) => [image, usedBy]))).toEqual({
      'with-agent': ['web'],
      base: [expect.stringMatching(/^tpl-with-agent-/)],
    })
    expect(volumes).toMatchObject([{ image: 'base', usedBy: ['web'] }])
  })

  it('is another one when the recipe changes: the machine is outdated, and the old template goes', async () => {
    const changed = manifest('{ run: ["echo again > /etc/built"] }')
    const planned = await cluster.cli(['plan', '--json'], { manifest: changed })
    expect(JSON.parse(planned.stdout).machines[0]).toMatchObject({ name: 'web', outdated: {} })
    const { stdout, stderr, exitCode } = await cluster.cli([...APPLY, '--replace-outdated'])
    expect(exitCode, stderr).toBe(0)
    expect(buildIn(stdout)).toMatchObject({ status: 'done' })
    expect(names()).toEqual(['tpl-base', 'tpl-with-agent', 'tpl-with-agent', 'web'])
    expect((await cluster.cli(['images', 'prune', '--auto-approve'])).exitCode).toBe(0)
    expect(names()).toEqual(['tpl-base', 'tpl-with-agent', 'web'])
  })

  it('fails with the last lines of the log inside, which are shown, and leaves its machine with --keep-failed', async () => {
    const failing = manifest('{ run: ["echo so far", "make broken"] }')
    const told = await cluster.cli(['apply', '--auto-approve', '--replace', 'web'], { manifest: failing })
    expect(told.exitCode).toBe(1)
    expect(told.stderr.replace(/\s+/g, ' ')).toMatch(
      /The build of with-agent failed: command 2 of 2 ended with 1: make broken\. \[BUILD\].* \| so far .*\| make broken: failed.*--keep-failed/,
    )
    expect(names()).toEqual(['tpl-base', 'tpl-with-agent', 'web'])
    const kept = await cluster.cli([...APPLY, '--replace', 'web', '--keep-failed'])
    expect(buildIn(kept.stdout)?.error).toMatchObject({
      code: 'BUILD',
      log: ['so far', 'make broken: failed'],
      vmid: expect.any(Number),
      node: 'pve1',
    })
    expect(names()).toEqual(['tpl-base', 'tpl-with-agent', 'tpl-with-agent', 'web'])
    expect((await cluster.cli(['images', 'prune', '--auto-approve'])).exitCode).toBe(0)
    expect((await cluster.cli(['destroy', '--auto-approve'])).exitCode).toBe(0)
    expect(names()).toEqual([])
  })
})

describe('Ctrl-C during a build', () => {
  it('names the VM, what happens to it, and the line that removes it', async () => {
    cluster.simulator.faults.add({ action: 'delay', method: 'GET', path: '/nodes/*/qemu/*/agent/*', delayMs: 500 })
    const asked = cluster.simulator.requests.next({ path: '/nodes/pve1/qemu/*/agent/file-read' })
    let isPressed = false
    const { exitCode, stdout, stderr } = await cluster.cli(APPLY, {
      manifest: manifest('{ run: ["echo built > /etc/built"] }'),
      onWords: (_, child) => {
        if (isPressed) return
        isPressed = true
        void asked.then(() => child.kill('SIGINT'))
      },
    })
    expect(exitCode).toBe(130)
    expect(stderr).toMatch(/^Stopping: /m)
    const { status, error } = buildIn(stdout) ?? expect.fail(stdout)
    expect(status).toBe('cancelled')
    const [, vmid = ''] =
      /^The build of with-agent was interrupted\. Its VM remains: (\d+) on pve1\.$/.exec(error?.message ?? '') ?? []
    expect(error).toMatchObject({ code: 'CANCELLED', vmid: Number(vmid), node: 'pve1' })
    expect(error?.hint).toBe(
      `The recipe keeps running in it, and the next apply continues from there. To remove it instead, run as root on pve1: qm stop ${vmid} && qm destroy ${vmid} --purge`,
    )
    cluster.simulator.faults.clear()
    const next = await cluster.cli(['apply', '--auto-approve'])
    expect(next.exitCode, next.stderr).toBe(0)
    expect((await cluster.cli(['destroy', '--auto-approve'])).exitCode).toBe(0)
  })
})

describe('what is wrong with a recipe', () => {
  it.each([
    ['an image that does not exist', '  more: { from: nothing, build: {} }\n', /There is no image `nothing`/],
    [
      'images that are built on each other',
      '  a: { from: b, build: {} }\n  b: { from: a, build: {} }\n',
      /refers to itself/,
    ],
    ['`build` without `from`', '  more: { url: "https://x.example/a.img", build: {} }\n', /needs `from`/],
    ['`from` without `build`', '  more: { from: base }\n', /has `from` without `build`/],
    ['a format of its own', '  more: { from: base, format: raw, build: {} }\n', /set `images\.base\.format`/],
    [
      'a document that cloud-init does not read',
      '  more: { from: base, build: { userData: \'{"ignition": {}}\' } }\n',
      /is an Ignition config: a build needs a document that cloud-init reads/,
    ],
    [
      'a document that ends the build itself',
      '  more: { from: base, build: { userData: "#cloud-config\\npower_state: { mode: poweroff }\\n" } }\n',
      /has `power_state`: remove it/,
    ],
  ])('is said by validate, with its line: %s', async (_, rest, message) => {
    const { exitCode, stderr } = await cluster.cli(['validate'], { manifest: manifest(RECIPE, rest) })
    expect(exitCode).toBe(64)
    expect(stderr.replace(/\s+/g, ' ')).toMatch(message)
    expect(stderr).toMatch(/pve-provision\.yaml:\d+:\d+/)
  })
})
