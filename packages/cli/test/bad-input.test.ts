// Bad input and failures through the built CLI: what users see, what scripts get, and what is left behind.
import { existsSync, readdirSync } from 'node:fs'
import { chmod, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Cluster, startCluster } from './support/cluster.ts'
import type { CliOptions } from './support/run-cli.ts'
import { startVendor, type Vendor } from './support/vendor.ts'

let vendor: Vendor
let cluster: Cluster

beforeAll(async () => {
  vendor = await startVendor()
})
beforeEach(async () => {
  cluster = await startCluster()
  return () => cluster.close()
})
afterAll(() => vendor?.close())

function manifest(extra = '', images = ''): string {
  return `project: lab
images:
  fast: { url: ${vendor.url}/fast.qcow2, checksum: ${vendor.url}/SHA512SUMS }
  slow: { url: ${vendor.url}/slow.raw.xz, checksum: ${vendor.url}/CHECKSUM }
${images}
defaults:
  image: fast
  node: pve1
  storage: { images: local, disks: local }
vms:
  web: {}
${extra}
`
}

describe('a manifest with errors', () => {
  it.each([
    ['is not YAML', 'project: [', /pve-provision\.yaml:1:\d+: /],
    ['has an unknown key', 'projekt: lab\n', /1:1: The manifest has no key `projekt`/],
    ['has a wrong type', 'project: 7\n', /1:10: `project` must be lower-case letters/],
    ['lacks parts', 'project: lab\n', /`images` is missing[\s\S]*`vms` is missing/],
  ])('that %s: file, line, column and a message, exit 64', async (_situation, text, words) => {
    const { exitCode, stdout, stderr } = await cluster.cli(['plan'], { manifest: text })
    expect(stderr).toMatch(words)
    expect(exitCode).toBe(64)
    expect(stdout).toBe('')
    expect(cluster.simulator.requests.total).toBe(0)
  })

  it.each([
    ['an unknown image name', '  api: { image: fsat }', 'There is no image `fsat`: known are `fast`, `slow`.'],
    ['a count of zero', '  api: { count: 0 }', '`vms.api.count` must be a whole number from 1 to 1000'],
    ['a duplicate name', '  web-1: {}\n  web: {}', 'The key `web` appears twice, first in line 11.'],
    ['a duplicate name by count', '  api-1: {}\n  api: { count: 2 }', 'Two machines are called `api-1`'],
    ['an invalid DNS name', '  a_b: {}', 'The name `a_b` must be a valid DNS name'],
    ['a tag that Proxmox refuses', '  api: { tags: ["a/b"] }', '`vms.api.tags.0` must be a tag Proxmox accepts'],
  ])('with %s: no request is made, exit 64', async (_situation, extra, words) => {
    const { exitCode, stderr } = await cluster.cli(['apply'], { manifest: manifest(extra) })
    expect(stderr).toContain(words)
    expect(exitCode).toBe(64)
    expect(cluster.simulator.requests.total).toBe(0)
  })

  it.each(['validate', 'plan', 'destroy'])('is refused by %s as well', async (command) => {
    const { exitCode, stderr } = await cluster.cli([command], { manifest: manifest('  api: { count: 0 }') })
    expect(stderr).toContain('`vms.api.count` must be a whole number from 1 to 1000')
    expect(exitCode).toBe(64)
    expect(cluster.simulator.requests.total).toBe(0)
  })

  it('with several: all problems at once', async () => {
    const { stderr } = await cluster.cli(['validate'], {
      manifest: manifest('  a_b: { count: 0 }\n  api: { tags: ["a/b"], nonsense: 1 }'),
    })
    expect(stderr.match(/^pve-provision\.yaml:\d+:\d+: /gm)).toHaveLength(4)
  })

  it('that is missing: is reported, with how to create one', async () => {
    const { exitCode, stderr } = await cluster.cli(['plan', '--file', 'nowhere.yaml'])
    expect(stderr).toMatch(/nowhere\.yaml does not exist[\s\S]*--file/)
    expect(exitCode).toBe(64)
  })
})

describe('bad usage', () => {
  it.each([[['aply']], [['plan', '--nonsense']], [['apply', '--only']]])(
    '%j exits 64 and says what is wrong',
    async (args) => {
      const { exitCode, stderr, stdout } = await cluster.cli(args, { manifest: manifest() })
      expect(exitCode).toBe(64)
      expect(stderr).toMatch(/^(?:There is no|The option)/)
      expect(stdout).toBe('')
    },
  )

  it.each([
    [['plan', '--lock-file', '.'], 64, '. is a folder.'],
    [['plan', '--lock-file', 'no.lock'], 64, 'The lock file no.lock does not exist.'],
    [
      ['validate', '-f', './pve-provision.yaml', '--lock-file', 'no.lock'],
      64,
      'pin --file ./pve-provision.yaml --lock-file',
    ],
    [['apply', '--auto-approve', '--lock-file', 'no.lock'], 64, 'The lock file no.lock does not exist.'],
    [['plan', '--out', '.'], 1, '. cannot be written: it is a folder. [DISK]'],
    [
      ['plan', '--out', 'nowhere/plan.json'],
      1,
      'nowhere/plan.json cannot be written: its folder does not exist. [DISK]',
    ],
    [['apply', '.'], 64, 'The plan . is a folder.'],
    [['apply', 'web'], 64, 'To choose machines: pve-provision apply --only web'],
    [
      ['pin', '--lock-file', 'nowhere/x.lock'],
      1,
      'nowhere/x.lock cannot be written: its folder does not exist. [DISK]',
    ],
    [['init', '--yes', '--file', 'nowhere/x.yaml'], 1, 'nowhere/x.yaml cannot be written: its folder does not exist.'],
    [['init', '--yes', '--force', '--file', '.'], 1, '. cannot be written: it is a folder. [DISK]'],
    [['init', '--from-ansible', 'nowhere.yml', '--file', 'x.yaml'], 64, 'nowhere.yml does not exist.'],
  ])('%j with a file that cannot be used says why, exit %i', async (args, code, sentence) => {
    const { exitCode, stderr } = await cluster.cli(args, { manifest: manifest() })
    expect(stderr).toContain(sentence)
    expect(stderr).not.toContain('bug')
    expect(exitCode).toBe(code)
  })

  it('apply without a terminal and without --auto-approve changes nothing', async () => {
    const { exitCode, stderr } = await cluster.cli(['apply'], { manifest: manifest() })
    expect(stderr).toContain('--auto-approve')
    expect(exitCode).toBe(64)
    expect(cluster.simulator.requests.counts()).not.toHaveProperty('POST')
  })

  it('without PVE_ENDPOINT says which variables are missing', async () => {
    const { exitCode, stderr } = await cluster.cli(['plan'], {
      manifest: manifest(),
      environment: { PVE_ENDPOINT: '', PVE_TOKEN_SECRET: '' },
    })
    expect(stderr).toContain('PVE_ENDPOINT, PVE_TOKEN_SECRET are not set')
    expect(exitCode).toBe(64)
  })

  it.each([
    ['pve1.example.org', 'https://pve1.example.org:8006'],
    ['http://pve1:8006/', 'https://pve1:8006'],
    ['"https://pve1"', 'https://pve1:8006'],
    ['[2001:db8::1]', 'https://[2001:db8::1]:8006'],
  ])('with PVE_ENDPOINT=%s proposes the address that was meant', async (written, meant) => {
    const { exitCode, stderr } = await cluster.cli(['plan'], {
      manifest: manifest(),
      environment: { PVE_ENDPOINT: written },
    })
    expect(stderr).toContain(`Did you mean PVE_ENDPOINT=${meant}?`)
    expect(exitCode).toBe(64)
  })
})

describe('a Proxmox that refuses the login', () => {
  it('wrong token: one message, exit 77, the three seconds explained, no secret shown', async () => {
    const secret = '00000000-1111-2222-3333-444444444444'
    const { exitCode, stderr } = await cluster.cli(['plan'], {
      manifest: manifest(),
      environment: { PVE_TOKEN_SECRET: secret },
    })
    expect(exitCode).toBe(77)
    expect(stderr).toMatch(/AUTHENTICATION/)
    expect(stderr).toMatch(/three seconds|3 s/)
    expect(stderr).not.toContain(secret)
  })

  it('unknown certificate: its fingerprint, and the line that trusts it', async () => {
    const { exitCode, stderr } = await cluster.cli(['plan'], {
      manifest: manifest(),
      environment: { PVE_FINGERPRINT: '' },
    })
    expect(stderr).toContain(`PVE_FINGERPRINT=${cluster.simulator.fingerprint}`)
    expect(exitCode).toBe(1)
  })

  it('nothing listens at that address: a message, exit 1', async () => {
    const closed = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => closed.once('listening', resolve))
    const { port } = closed.address() as { port: number }
    await new Promise((resolve) => closed.close(resolve))
    const { exitCode, stderr } = await cluster.cli(['plan'], {
      manifest: manifest(),
      environment: { PVE_ENDPOINT: `https://127.0.0.1:${port}` },
    })
    expect(stderr).toMatch(/UNREACHABLE/)
    expect(exitCode).toBe(1)
  })
})

interface Applied {
  readonly ok: boolean
  readonly steps: readonly {
    readonly id: string
    readonly status: string
    readonly by?: string
    readonly error?: { readonly code: string; readonly message: string; readonly hint?: string }
  }[]
}

async function applyWith(text: string, environment: Record<string, string> = {}, options: CliOptions = {}) {
  const { exitCode, stdout, stderr } = await cluster.cli(['apply', '--json', '--auto-approve'], {
    ...options,
    manifest: text,
    environment,
  })
  const report = JSON.parse(stdout) as Applied
  const step = (id: string) => report.steps.find((entry) => entry.id === id)
  return { exitCode, stderr, report, step }
}

/** Names of complete volumes on pve1's images storage. */
function volumes(): readonly string[] {
  const folder = join(cluster.simulator.dataDirectory, 'nodes/pve1/var/lib/vz/import')
  return existsSync(folder) ? readdirSync(folder) : []
}

describe('an image that is unavailable: its machines are blocked, everything else is created, exit 1', () => {
  const other = '  other: { image: bad }\n  third: { image: bad }'
  const bad = (rest: string) => manifest(other, `  bad: { url: ${vendor.url}/bad.raw.xz, ${rest} }`)
  const digest = 'sha256:1111111111111111111111111111111111111111111111111111111111111111'

  async function expectOnlyBadFails(text: string, code: string, environment: Record<string, string> = {}) {
    const { exitCode, report, step } = await applyWith(text, environment)
    const failed = report.steps.filter(({ status }) => status === 'failed')
    expect(failed.map(({ error }) => error?.code)).toEqual([code])
    expect(exitCode).toBe(1)
    expect(step('create:web')?.status).toBe('done')
    expect(step('create:other')).toMatchObject({ status: 'blocked', by: failed[0]?.id })
    expect(step('create:third')).toMatchObject({ status: 'blocked', by: failed[0]?.id })
    expect(volumes().filter((name) => name.startsWith('bad'))).toEqual([])
    return failed[0]?.error
  }

  it('a checksum that does not match: both digests are named', async () => {
    vendor.answer('bad.raw.xz', (_request, response) => response.end(Buffer.from('fd377a585a0000', 'hex')))
    const error = await expectOnlyBadFails(bad(`checksum: ${digest}`), 'CHECKSUM')
    expect(error?.message).toContain(digest.slice(7))
    expect(error?.message?.match(/[0-9a-f]{64}/g)).toHaveLength(2)
  })

  it('404', async () => {
    vendor.answer('bad.raw.xz', (_request, response) => response.writeHead(404).end())
    const error = await expectOnlyBadFails(bad(`checksum: ${digest}`), 'HTTP')
    expect(error?.message).toContain('404')
  })

  it('a checksum document that does not name it', async () => {
    await expectOnlyBadFails(bad(`checksum: ${vendor.url}/SHA256SUMS`), 'CHECKSUM')
  })

  it('cut short, again and again', async () => {
    vendor.answer('bad.raw.xz', (_request, response) => {
      response.writeHead(200, { 'content-length': 100_000 })
      response.write(Buffer.alloc(500), () => response.destroy())
    })
    await expectOnlyBadFails(bad(`checksum: ${digest}`), 'HTTP')
  })

  it('a vendor that does not answer', async () => {
    const text = bad(`checksum: ${digest}`).replaceAll(`${vendor.url}/bad.raw.xz`, 'http://127.0.0.1:9/bad.raw.xz')
    await expectOnlyBadFails(text, 'HTTP')
  })

  it('qemu-img missing: the package to install is named, and what does not need it is created', async () => {
    const bin = join(cluster.folder, 'bin')
    const text = manifest(
      '  other: { image: bad }\n  third: { image: bad }',
      `  bad: { url: ${vendor.url}/slow.raw.xz, checksum: ${vendor.url}/CHECKSUM, format: qcow2, convert: runner }`,
    )
    const error = await expectOnlyBadFails(text, 'CONVERT', { PATH: bin })
    expect(`${error?.message} ${error?.hint}`).toMatch(/qemu-img[\s\S]*qemu-utils/)
  })

  it('qemu-img failing: its last output is shown', async () => {
    const bin = join(cluster.folder, 'bin')
    const { mkdir } = await import('node:fs/promises')
    await mkdir(bin)
    await writeFile(join(bin, 'qemu-img'), '#!/bin/sh\necho "qemu-img: it will not do" >&2\nexit 1\n')
    await chmod(join(bin, 'qemu-img'), 0o755)
    const text = manifest(
      '  other: { image: bad }\n  third: { image: bad }',
      `  bad: { url: ${vendor.url}/slow.raw.xz, checksum: ${vendor.url}/CHECKSUM, format: qcow2, convert: runner }`,
    )
    const error = await expectOnlyBadFails(text, 'CONVERT', { PATH: `${bin}:/usr/bin:/bin` })
    expect(JSON.stringify(error)).toContain('it will not do')
  })

  it('a full disk under the cache', async () => {
    const text = manifest('  other: { image: slow }\n  third: { image: slow }')
    const { exitCode, report, step } = await applyWith(text, {}, { fileLimitKiB: 1024 })
    expect(report.steps.filter(({ status }) => status === 'failed').map(({ id, error }) => [id, error?.code])).toEqual([
      ['download:slow', 'DISK'],
    ])
    expect(exitCode).toBe(1)
    expect(step('create:web')?.status).toBe('done')
    expect(step('create:other')).toMatchObject({ status: 'blocked', by: 'download:slow' })
    expect(volumes().filter((name) => name.startsWith('slow'))).toEqual([])
  })
})

describe('Ctrl-C', () => {
  it('stops cleanly: running tasks of Proxmox are named by UPID, exit 130', async () => {
    cluster.simulator.faults.add({ action: 'delay', method: 'GET', path: '/nodes/*/tasks/*/status', delayMs: 400 })
    let pressed = false
    const { exitCode, stderr } = await cluster.cli(['apply', '--auto-approve'], {
      manifest: manifest(),
      onWords: (text, child) => {
        if (!text.includes('… template:') || pressed) return
        pressed = true
        child.kill('SIGINT')
      },
    })
    expect(exitCode).toBe(130)
    expect(stderr).toMatch(/UPID:pve1:/)
  })

  it('twice ends at once', async () => {
    // Only the first bytes are sent, so that the plan can be made. The rest never arrives.
    let asked = 0
    vendor.answer('slow.raw.xz', ({ headers }, response) => {
      asked += 1
      if (asked > 1) return
      const head = Buffer.alloc(Number(/-(\d+)/.exec(headers.range ?? '')?.[1] ?? 0) + 1)
      head.set(Buffer.from('fd377a585a000004', 'hex'))
      response
        .writeHead(206, { 'content-range': `bytes 0-${head.length - 1}/9999999`, 'content-length': head.length })
        .end(head)
    })
    let presses = 0
    const { exitCode } = await cluster.cli(['apply', '--auto-approve'], {
      manifest: manifest('  api: { image: slow }'),
      onWords: (text, child) => {
        if (text.includes('… download:slow') && presses === 0) {
          presses = 1
          child.kill('SIGINT')
        } else if (text.includes('Stopping') && presses === 1) {
          presses = 2
          child.kill('SIGINT')
        }
      },
    })
    expect(exitCode).toBe(130)
  })
})
