// Tests image builds: a guest of the simulated cluster boots, runs the recipe and reports its progress.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readMarker } from '../../../src/facts/cluster/marker.ts'
import type { Desired } from '../../../src/manifest/manifest.ts'
import { makePlan } from '../../../src/plan/make-plan.ts'
import { makePrunePlan } from '../../../src/plan/make-prune-plan.ts'
import { layeredState } from '../../support/given.ts'
import {
  briskClock,
  createLab,
  failures,
  type Lab,
  type LabOptions,
  labState,
  orphanedVolumes,
  type Ran,
} from '../../support/machine-lab.ts'

let lab: Lab

const open = async (options: LabOptions = {}) => {
  lab = await createLab(options)
}

beforeEach(() => open())
afterEach(() => lab.close())

const state = (build: string, rest = '') =>
  labState(
    `
images:
  ready: { from: fast, build: ${build} }
  ${rest}
vms: { web: { image: ready, network: { bridge: vmbr0 }, cloudInit: { ip: dhcp }, start: true, wait: agent } }
`,
    layeredState,
  )

const RECIPE =
  '{ packages: [nginx], files: [{ path: /etc/motd, content: "hello" }], run: ["echo one > /root/one", "echo two > /root/two"] }'

async function isoFiles() {
  const rows = await lab.call<readonly { volid: string }[]>('GET', '/nodes/pve1/storage/local/content', {
    content: 'iso',
  })
  return rows.map(({ volid }) => volid)
}

const templates = async () => (await lab.guests()).filter(({ template }) => template === 1)
const only = (ran: Ran, kind: string) => ran.summary.filter((line) => line.startsWith(`${kind}:`))
const errorOf = (ran: Ran, kind: string) => ran.outcomes.find(({ step }) => step.kind === kind)?.error

async function guestOf(name: string) {
  const found = (await lab.guests()).find((guest) => guest.name === name)
  if (found === undefined) throw new Error(`no guest ${name}`)
  return lab.simulator.guest(found.vmid)
}

async function guestStartingWith(prefix: string) {
  const found = (await lab.guests()).find(({ name }) => name.startsWith(prefix))
  return lab.simulator.guest(found?.vmid ?? 0)
}

/** Checks that only the template of the base image is left, and nothing of a build. */
async function expectNothingLeft() {
  expect((await lab.guests()).map(({ name }) => name)).toEqual([expect.stringMatching(/^tpl-fast-/)])
  expect(await isoFiles()).toEqual([])
  expect(await orphanedVolumes(lab)).toEqual([])
}

describe('an image that is built', () => {
  it('is made once, and machines made from it show what the recipe did', async () => {
    const desired = state(RECIPE)
    const ran = await lab.runner().apply(desired)
    expect(failures(ran)).toEqual([])
    expect(only(ran, 'build')).toEqual(['build:ready@pve1/local done'])
    const web = await guestOf('web')
    await web.finished()
    expect(web.packages).toEqual(['qemu-guest-agent', 'nginx'])
    expect(web.files).toMatchObject({ '/etc/motd': 'hello', '/root/one': 'one\n', '/root/two': 'two\n' })
    const again = await lab.runner().apply(desired)
    expect(again.summary.filter((line) => !line.endsWith(' kept'))).toEqual([])
    expect(await isoFiles()).toEqual([])
  })

  it('leaves a template like any other, sealed, and linked to the one that it is built on', async () => {
    await lab.runner().apply(state(RECIPE))
    const [ready] = (await templates()).filter(({ name }) => name.startsWith('tpl-ready-'))
    const config = await lab.config(ready?.vmid ?? 0)
    expect(config).toMatchObject({ template: 1, memory: '512', cores: 1, tags: 'pve-provision', agent: 'enabled=1' })
    expect(config.ide2).toMatch(/cloudinit/)
    expect(config.scsi0).toMatch(/base-\d+-disk-0\.qcow2\/\d+\/base-\d+-disk-0\.qcow2,size=64M$/)
    expect(Object.keys(config).filter((key) => /^(net|unused|efidisk)\d/.test(key))).toEqual([])
    expect(readMarker(config.description, ready?.vmid)).toMatchObject({
      kind: 'template',
      image: 'ready',
      storage: 'local',
    })
    const web = await guestOf('web')
    await web.finished()
    expect(web.cloudInit).toMatchObject({ isNewInstance: true, status: 'done' })
    expect(web.documents?.instanceId).not.toMatch(/build/)
  })

  it('gets the guest agent, whatever the recipe', async () => {
    await lab.close()
    await open({ guests: { agent: false } })
    const ran = await lab.runner().apply(state('{ run: ["true"] }'))
    expect(failures(ran)).toEqual([])
    expect((await guestOf('web')).packages).toEqual(['qemu-guest-agent'])
  })

  it('is built again when its recipe changes, and its old template is pruned', async () => {
    await lab.runner().apply(state(RECIPE))
    const changed: Desired = state('{ run: ["echo three > /root/three"] }')
    const kept = await lab.runner().apply(changed)
    expect(only(kept, 'build')).toEqual([])
    const ran = await lab.runner().apply(changed, { replace: ['web'] })
    expect(failures(ran)).toEqual([])
    expect(only(ran, 'build')).toEqual(['build:ready@pve1/local done'])
    expect((await templates()).filter(({ name }) => name.startsWith('tpl-ready-'))).toHaveLength(2)
    const facts = await lab.runner().observe(changed)
    const pruned = await lab.runner().execute(changed, facts, makePrunePlan(changed, facts))
    expect(pruned.summary).toEqual([expect.stringMatching(/^destroy:tpl-ready-.*@pve1 done$/)])
    expect((await templates()).map(({ name }) => name.replace(/^(tpl-\w+)-.*/, '$1')).sort()).toEqual([
      'tpl-fast',
      'tpl-ready',
    ])
  })

  it('can be built on another that is built', async () => {
    const desired = state(
      '{ run: ["echo one > /root/one"] }',
      'more: { from: ready, build: { run: ["cat /root/one > /root/two"] } }',
    )
    const machines = desired.machines.map((machine) => ({ ...machine, image: 'more' }))
    const ran = await lab.runner().apply({ ...desired, machines })
    expect(failures(ran)).toEqual([])
    expect(only(ran, 'build')).toEqual(['build:ready@pve1/local done', 'build:more@pve1/local done'])
    const web = await guestOf('web')
    await web.finished()
    expect(web.files['/root/two']).toBe('one\n')
  })

  it('keeps what a document of its own says beside the recipe', async () => {
    const document = '"#cloud-config\\npackages: [curl]\\nruncmd: [touch /root/theirs]\\n"'
    const ran = await lab
      .runner()
      .apply(state(`{ packages: [nginx], userData: ${document}, run: ["touch /root/ours"] }`))
    expect(failures(ran)).toEqual([])
    const web = await guestOf('web')
    expect(web.packages.toSorted()).toEqual(['curl', 'nginx', 'qemu-guest-agent'])
    expect(Object.keys(web.files)).toEqual(expect.arrayContaining(['/root/theirs', '/root/ours']))
  })
})

/** What the package of Red Hat and its derivatives forbids. */
const RED_HAT = ['file-open', 'file-close', 'file-read', 'file-write', 'file-seek', 'file-flush', 'exec', 'exec-status']

describe('the guest of a build', () => {
  it('reports its result although its image forbids the agent to read files, and its machines forbid it again', async () => {
    await lab.close()
    await open({ guests: { agentRefuses: RED_HAT } })
    expect(failures(await lab.runner().apply(state('{ run: ["echo one > /root/one"] }')))).toEqual([])
    const web = await guestOf('web')
    expect(web.files).toMatchObject({
      '/root/one': 'one\n',
      '/etc/sysconfig/qemu-ga': expect.stringContaining('guest-exec'),
    })
    const vmid = (await lab.guests()).find(({ name }) => name === 'web')?.vmid
    const read = lab.call('GET', `/nodes/pve1/qemu/${vmid}/agent/file-read`, { file: '/root/one' })
    await expect(read).rejects.toMatchObject({ details: { problem: 'agent-refuses' } })
  })

  it('is stopped by force when it cannot shut down, because its disks are synced', async () => {
    await lab.close()
    await open({ guests: { powerButton: false }, virtualTime: true })
    const ran = await lab.runner().apply(state('{ run: ["true"] }'))
    expect(failures(ran)).toEqual([])
    expect(only(ran, 'build')).toEqual(['build:ready@pve1/local done'])
  })

  it('has the address that the recipe gives it, and machines made from it do not', async () => {
    await lab.close()
    await open({ latency: { bootMs: 1_500 } })
    const network = '{ text: "version: 2\\nethernets: { lan: { match: { name: e* }, addresses: [10.9.9.9/24] } }" }'
    const asked = lab.simulator.requests.next({ path: '/nodes/pve1/qemu/*/agent/file-read' })
    const running = lab.runner().apply(state(`{ run: ["true"], networkConfig: ${network} }`))
    await asked
    expect((await guestStartingWith('tpl-ready-')).documents?.network).toMatch(/10\.9\.9\.9/)
    expect(failures(await running)).toEqual([])
    expect(JSON.stringify((await guestOf('web')).documents)).not.toMatch(/10\.9\.9\.9/)
  })

  it('boots by UEFI where its machines do, and each machine has EFI variables of its own', async () => {
    const desired = state('{ run: ["true"] }')
    const [web] = desired.machines
    const machines = web === undefined ? [] : [{ ...web, firmware: { ...web.firmware, bios: 'ovmf' as const } }]
    const started = lab.simulator.requests.next({ method: 'POST', path: '/nodes/pve1/qemu/*/status/start' })
    const running = lab.runner().apply({ ...desired, machines })
    await started
    const building = (await lab.guests()).find(({ name, template }) => name.startsWith('tpl-ready-') && template !== 1)
    expect(await lab.config(building?.vmid ?? 0)).toMatchObject({ bios: 'ovmf', efidisk0: expect.any(String) })
    expect(failures(await running)).toEqual([])
    const [ready] = (await templates()).filter(({ name }) => name.startsWith('tpl-ready-'))
    expect(await lab.config(ready?.vmid ?? 0)).not.toHaveProperty('efidisk0')
    const made = (await lab.guests()).find(({ name }) => name === 'web')
    expect((await lab.config(made?.vmid ?? 0)).efidisk0).toContain(`vm-${made?.vmid}-disk`)
  })

  it('keeps the locale of the image: each machine sets its own', async () => {
    await lab.close()
    await open({ latency: { bootMs: 1_500 } })
    const asked = lab.simulator.requests.next({ path: '/nodes/pve1/qemu/*/agent/file-read' })
    const running = lab.runner().apply(state('{ run: ["true"] }'))
    await asked
    expect((await guestStartingWith('tpl-ready-')).cloudConfig).toMatchObject({ locale: false, users: [] })
    expect(failures(await running)).toEqual([])
  })
})

describe('a build that goes wrong', () => {
  const reopen = async (guests: NonNullable<LabOptions['guests']>) => {
    await lab.close()
    await open({ guests })
  }
  /** Waits take no time here, because the expected event never occurs. */
  const brisk = () => lab.runner({ clock: briskClock(200) })

  it('names the command that failed and its exit code, keeps the log, runs none after it, and leaves nothing', async () => {
    const keys =
      '"echo Generating public/private rsa key pair. >> /var/log/cloud-init-output.log", "echo \'|      .+o        |\' >> /var/log/cloud-init-output.log"'
    const cloudInit = '"echo E: no network >> /var/log/cloud-init-output.log"'
    const ran = await brisk().apply(
      state(
        `{ run: ["echo fine", "exit 7", "touch /root/never"], userData: ${JSON.stringify(`#cloud-config\nbootcmd: [${cloudInit}, ${keys}]\n`)} }`,
      ),
    )
    const error = errorOf(ran, 'build')
    expect(error).toMatchObject({
      code: 'BUILD',
      message: 'The build of ready failed: command 2 of 3 ended with 7: exit 7.',
      details: { exitCode: 7, log: ['E: no network', 'fine'] },
    })
    expect(error?.hint).toMatch(/--keep-failed/)
    expect(ran.summary).toContain('create:web blocked')
    await expectNothingLeft()
  })

  it('keeps its VM on request, and the next apply removes it and builds again', async () => {
    const desired = state('{ run: ["make broken"] }')
    await reopen({ failing: ['broken'] })
    const ran = await brisk().apply(desired, { keepFailed: true })
    expect(errorOf(ran, 'build')?.hint).toMatch(/Its VM is kept: \d+ on pve1/)
    const [kept] = (await lab.guests()).filter(({ name }) => name.startsWith('tpl-ready-'))
    expect(lab.simulator.guest(kept?.vmid ?? 0).isRunning).toBe(true)
    const facts = await lab.runner().observe(desired)
    expect(makePlan(desired, facts).steps.find(({ kind }) => kind === 'build')?.why).toMatch(
      /left over from a failed build and is removed/,
    )
    await brisk().apply(desired)
    await expectNothingLeft()
  })

  it('is removed by `images prune`, and by the removal of the project, where its machine was left', async () => {
    const desired = state('{ run: ["make broken"] }')
    await reopen({ failing: ['broken'] })
    await brisk().apply(desired, { keepFailed: true })
    const facts = await lab.runner().observe(desired)
    const pruned = await lab.runner().execute(desired, facts, makePrunePlan(desired, facts))
    expect(failures(pruned)).toEqual([])
    await expectNothingLeft()
    await brisk().apply(desired, { keepFailed: true })
    expect(failures(await lab.runner().destroy(desired))).toEqual([])
    expect(await lab.guests()).toEqual([])
    expect(await isoFiles()).toEqual([])
  })

  it('says what cloud-init says where a package is none', async () => {
    await reopen({ failing: ['ngnix'] })
    const ran = await brisk().apply(state('{ packages: [ngnix], run: ["true"] }'))
    expect(errorOf(ran, 'build')?.message).toMatch(/failed: cloud-init says: .*Unable to locate package ngnix/)
    await expectNothingLeft()
  })

  it('says that no agent has answered where neither the image nor its packages have one', async () => {
    await reopen({ agent: false, failing: ['qemu-guest-agent'] })
    const ran = await brisk().apply(state('{ run: ["true"], timeout: 5 min }'))
    const error = errorOf(ran, 'build')
    expect(error?.message).toBe('The build of ready failed: no guest agent has answered within 5 min.')
    expect(error?.hint).toMatch(/^The image fast seems to have no agent, and installing one failed/)
    await expectNothingLeft()
  })

  it('says that the agent reads no file where a filter stays in force', async () => {
    await reopen({ agentRefuses: RED_HAT, failing: ['restart qemu-guest-agent'] })
    const ran = await brisk().apply(state('{ run: ["true"], timeout: 5 min }'))
    const error = errorOf(ran, 'build')
    expect(error?.message).toMatch(
      /its guest agent did not allow any file to be read within 5 min, so its result is unknown\.$/,
    )
    expect(error?.hint).toMatch(/^The image fast forbids `guest-file-open`/)
    await expectNothingLeft()
  })

  it('ends at its deadline where cloud-init never does', async () => {
    await reopen({ cloudInit: 'never' })
    const ran = await brisk().apply(state('{ run: ["true"], timeout: 90s }'))
    expect(errorOf(ran, 'build')?.message).toBe('The build of ready failed: it did not finish within 90 s.')
    await expectNothingLeft()
  })

  it('takes warnings of cloud-init for success', async () => {
    await reopen({ cloudInit: 'degraded' })
    expect(failures(await lab.runner().apply(state('{ run: ["true"] }')))).toEqual([])
  })

  it('is none where the machine stops before it is done', async () => {
    const ran = await brisk().apply(state('{ run: ["poweroff", "exit 0"] }'))
    expect(errorOf(ran, 'build')?.message).toMatch(
      /the VM stopped before the build was finished|but the recipe has not/,
    )
    await expectNothingLeft()
  })

  it('is none where the image has no cloud-init', async () => {
    await reopen({ cloudInit: 'absent' })
    const ran = await brisk().apply(state('{ run: ["true"], timeout: 1 min }'))
    expect(errorOf(ran, 'build')?.message).toBe('The build of ready failed: it did not finish within 1 min.')
    await expectNothingLeft()
  })

  describe('that is interrupted', () => {
    const desired = state('{ run: ["echo one >> /root/one"] }')

    /** Aborts the run while the guest boots. */
    async function interrupt(): Promise<Ran> {
      await lab.close()
      await open({ latency: { bootMs: 400 } })
      const controller = new AbortController()
      const asked = lab.simulator.requests.next({ path: '/nodes/pve1/qemu/*/agent/file-read' })
      const running = lab.runner().apply(desired, { signal: controller.signal })
      await asked
      controller.abort()
      return running
    }

    async function expectBuiltOnce(): Promise<void> {
      expect((await lab.guests()).map(({ name }) => name.replace(/^(tpl-\w+)-.*/, '$1')).sort()).toEqual([
        'tpl-fast',
        'tpl-ready',
        'web',
      ])
      expect((await guestOf('web')).files['/root/one']).toBe('one\n')
      expect(await isoFiles()).toEqual([])
      expect(await orphanedVolumes(lab)).toEqual([])
    }

    it('names its VM, in which the recipe keeps running, and the next run continues', async () => {
      const ran = await interrupt()
      expect(only(ran, 'build')).toEqual(['build:ready@pve1/local cancelled'])
      const vmid = (await lab.guests()).find(({ name }) => name.startsWith('tpl-ready-'))?.vmid ?? 0
      expect(errorOf(ran, 'build')).toMatchObject({
        code: 'CANCELLED',
        message: `The build of ready was interrupted. Its VM remains: ${vmid} on pve1.`,
        hint: expect.stringContaining(`qm stop ${vmid} && qm destroy ${vmid} --purge`),
        details: { vmid, node: 'pve1' },
      })
      expect(failures(await lab.runner().apply(desired))).toEqual([])
      await expectBuiltOnce()
    })

    it('starts again where its VM was switched off meanwhile, even after the recipe had ended', async () => {
      await interrupt()
      const guest = await guestStartingWith('tpl-ready-')
      await guest.finished()
      guest.powerOff()
      await expect.poll(() => guest.isRunning).toBe(false)
      const facts = await lab.runner().observe(desired)
      expect(makePlan(desired, facts).steps.find(({ kind }) => kind === 'build')?.why).toMatch(
        /left over from an interrupted run, was switched off, and is removed/,
      )
      expect(failures(await lab.runner().apply(desired))).toEqual([])
      await expectBuiltOnce()
    })
  })

  it('never shows a secret of its recipe: not in its error, nor in a name, a marker or the plan', async () => {
    const secret = 'correct-horse-battery'
    const parse = (text: string) => layeredState(text, { environment: { WORD: secret } })
    const desired = labState(
      `
images:
  ready:
    from: fast
    build:
      files: [{ path: /root/word, content: { text: "\${secret:WORD}", fill: true } }]
      run: ["cat /root/word", "exit 1"]
vms: { web: { image: ready, network: { bridge: vmbr0 } } }
`,
      parse,
    )
    const ran = await brisk().apply(desired, { keepFailed: true })
    const error = errorOf(ran, 'build')
    expect(error?.details.log).toEqual(['***'])
    const [kept] = (await lab.guests()).filter(({ name }) => name.startsWith('tpl-ready-'))
    expect(lab.simulator.guest(kept?.vmid ?? 0).files['/root/word']).toBe(secret)
    const shown = JSON.stringify([
      ran.plan.steps,
      ran.notes,
      error?.message,
      error?.hint,
      error?.details,
      await lab.config(kept?.vmid ?? 0),
      await isoFiles(),
    ])
    expect(shown).not.toContain(secret)
  })
})
