import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ENTRY_FILE } from '../../src/cache/cache-protocol.ts'
import { parseUris } from '../../src/tool/debian-packages.ts'
import { type DebianArchive, makeDebianArchive, pathWithout } from '../support/debian.ts'
import { callOf, manifest, type Surroundings, surroundings, writeManifest } from '../support/given.ts'
import { type ActionRun, type Job, newJob, runAction } from '../support/runner.ts'
import { temporaryFolder } from '../support/temporary.ts'

const QEMU_IMG = ['/usr/bin/qemu-img', '/usr/local/bin/qemu-img'].find((path) => existsSync(path))
const hasApt = existsSync('/usr/bin/apt-get') && QEMU_IMG !== undefined

describe('parseUris', () => {
  it('parses what apt downloads: names, versions with an epoch, packages for all architectures', () => {
    const text = [
      "'http://archive.example/pool/q/qemu-utils_7.2%2bdfsg-7_amd64.deb' qemu-utils_1%3a7.2+dfsg-7_amd64.deb 1292564 MD5Sum:48db",
      "'http://archive.example/pool/x/x-data_1.0~rc1_all.deb' x-data_1.0~rc1_all.deb 10 SHA256:ab",
      'not a line of these',
    ].join('\n')
    expect(parseUris(text)).toEqual([
      { file: 'qemu-utils_1%3a7.2+dfsg-7_amd64.deb', spec: 'qemu-utils:amd64=1:7.2+dfsg-7' },
      { file: 'x-data_1.0~rc1_all.deb', spec: 'x-data=1.0~rc1' },
    ])
  })

  it('reads nothing where everything is installed', () => {
    expect(parseUris('')).toEqual([])
  })
})

// These tests need Debian's tools, which other systems do not have.
describe.skipIf(!hasApt)('qemu-img on a runner without it', () => {
  let around: Surroundings
  let archive: DebianArchive
  let path: string
  beforeAll(async () => {
    around = await surroundings({ nodes: ['pve1'] })
    archive = makeDebianArchive(QEMU_IMG ?? '')
    path = pathWithout('qemu-img')
  })
  afterAll(() => around.close())

  interface Conversion {
    readonly env?: Readonly<Record<string, string>>
    readonly cache?: string
    readonly file?: string
  }

  /** Each run has an image with another name, so each one must convert it again. */
  let round = 0
  async function convert(
    job: Job,
    { env = {}, cache = 'true', file = 'image.vmdk' }: Conversion = {},
  ): Promise<ActionRun> {
    round += 1
    const text = manifest(around.vendor, {
      project: `tool-${round}`,
      count: 1,
      image: ['format: raw', 'convert: runner'],
    })
    writeManifest(job, text.replaceAll('debian', `image-${round}`).replace('image.qcow2', file))
    return runAction(
      callOf(around, job, {
        env: { PATH: path, ...archive.env, ...env },
        inputs: { 'cache-key-prefix': 'tool', cache },
      }),
    )
  }

  it('comes from packages that apt verifies, then from the tool cache, then from the workflow’s cache', async () => {
    const first = newJob()
    const unpacked = await convert(first)
    expect(unpacked.log).toContain('This runner has no qemu-img')
    expect(unpacked.log).toContain('✓ convert:')
    expect(unpacked.exitCode).toBe(0)
    expect(unpacked.summary).toMatch(/qemu-img \d+\.\d+\.\d+ was extracted from the distribution’s packages/)
    expect(readdirSync(join(first.toolCache, 'qemu-img'))).toHaveLength(1)

    const sameMachine = await convert(newJob({ toolCache: first.toolCache }))
    expect(sameMachine.exitCode).toBe(0)
    expect(sameMachine.summary).toContain('came from the runner’s tool cache')

    archive.setAvailable(false)
    const otherMachine = await convert(newJob())
    expect(otherMachine.exitCode).toBe(0)
    expect(otherMachine.summary).toContain('was extracted')
    archive.setAvailable(true)
  })

  it('never comes from a package that differs from the lists of apt', async () => {
    const hostile = temporaryFolder('hostile')
    const evil = Object.fromEntries(
      ['qemu-utils', 'libfixture1'].map((name) => [`${name}_0_amd64.deb`, Buffer.from('evil').toString('base64')]),
    )
    writeFileSync(join(hostile, ENTRY_FILE), JSON.stringify(evil))
    execFileSync('tar', ['-cf', join(hostile, 'a.tzst'), '-C', hostile, '--use-compress-program', 'zstdmt', ENTRY_FILE])
    await around.cacheService.plant(join(hostile, 'a.tzst'))
    const outcome = await convert(newJob())
    await around.cacheService.plant()
    expect(outcome.exitCode).toBe(0)
    expect(outcome.summary).toContain('was extracted from the distribution’s packages')
  })

  it('is that of the runner where it has one', async () => {
    const outcome = await convert(newJob(), { env: { PATH: pathWithout('nothing') } })
    expect(outcome.exitCode).toBe(0)
    expect(outcome.summary).toContain('is the runner’s own')
  })

  describe('and without packages', () => {
    // Facts of an earlier run about these bytes would make the program unnecessary.
    const withoutPackages = (file: string) => {
      const bare = pathWithout('qemu-img')
      rmSync(join(bare, 'apt-get'))
      return convert(newJob(), { env: { PATH: bare }, cache: 'false', file })
    }
    const warnings = ({ commands }: ActionRun) =>
      commands.flatMap(({ name, text }) => (name === 'warning' && text.includes('qemu-img') ? [text] : []))

    it('is not needed for a qcow2, which becomes raw without it', async () => {
      const outcome = await withoutPackages('image.qcow2')
      expect(outcome.exitCode).toBe(0)
      expect(warnings(outcome)).toEqual([])
      expect(outcome.log).toContain('✓ convert:')
    })

    it('is a warning and a failed conversion for any other format', async () => {
      const outcome = await withoutPackages('image.vmdk')
      expect(outcome.exitCode).toBe(1)
      expect(warnings(outcome)).toEqual([expect.stringContaining('is missing and could not be installed')])
      expect(outcome.log).toContain('✗ convert:')
    })
  })
})
