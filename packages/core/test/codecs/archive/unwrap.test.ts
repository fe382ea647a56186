// Archives from real programs, packed and nested like those of vendors.
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createReadStream, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tarMembers } from '../../../src/codecs/archive/tar.ts'
import { ProvisionError } from '../../../src/errors.ts'
import { type DecompressRequest, decompress } from '../../../src/ports/image/decompress.ts'
import { within } from '../../support/within.ts'

const MIB = 1024 * 1024
let folder: string
const at = (name: string) => join(folder, name)
const run = (file: string, ...args: readonly string[]) =>
  execFileSync(file, args, { cwd: folder, maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'pipe'] })

/** A disk of 6 MiB with a boot sector, data in two places, and holes. */
const DISK = Buffer.alloc(6 * MIB)
DISK.write('boot loader')
DISK.writeUInt16LE(0xaa55, 510)
DISK.fill('data', 3 * MIB, 3 * MIB + 5000)
DISK.fill('end', DISK.length - 700)

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'unwrap-'))
  put('disk.raw', DISK)
  put('README.txt', 'what is in it\n')
  put('usr/lib/grub/boot.img', DISK.subarray(0, 512))
  put('small.conf', 'a = b\n'.repeat(100))
  // Creates holes, so that tar stores it as a sparse file.
  run('cp', '--sparse=always', 'disk.raw', 'holes.raw')
  run('qemu-img', 'convert', '-O', 'qcow2', 'disk.raw', 'disk.qcow2')
  run('qemu-img', 'convert', '-O', 'vmdk', '-o', 'subformat=streamOptimized', 'disk.raw', 'box-disk1.vmdk')
  put('box.ovf', '<?xml version="1.0"?><Envelope/>')
  put('box.mf', 'SHA256(box.ovf)= 00\n')
})
afterAll(() => rmSync(folder, { recursive: true }))

function put(name: string, content: string | Uint8Array): void {
  mkdirSync(dirname(at(name)), { recursive: true })
  writeFileSync(at(name), content)
}

const archiveOf = (name: string): DecompressRequest['archive'] => (name.endsWith('.zip') ? 'zip' : undefined)

async function unpacked(name: string, more: Partial<DecompressRequest> = {}): Promise<Buffer> {
  await decompress({ from: at(name), to: at('out'), archive: archiveOf(name), ...more })
  return readFileSync(at('out'))
}

async function refusal(name: string, more: Partial<DecompressRequest> = {}): Promise<ProvisionError> {
  try {
    await unpacked(name, more)
  } catch (error) {
    if (error instanceof ProvisionError && error.code === 'IMAGE') return error
    throw error
  }
  return expect.fail('was accepted')
}

describe('the only disk image of an archive', () => {
  it.each([
    ['tar', 'a.tar', ['tar', 'cf', 'a.tar', 'README.txt', 'disk.raw', 'usr']],
    ['tar in gzip', 'a.tar.gz', ['tar', 'czf', 'a.tar.gz', 'disk.raw', 'README.txt']],
    ['tar in xz', 'a.tar.xz', ['tar', 'cJf', 'a.tar.xz', 'disk.raw']],
    ['tar in zstd', 'a.tar.zst', ['tar', '--zstd', '-cf', 'a.tar.zst', './disk.raw']],
    ['tar in bzip2', 'a.tar.bz2', ['tar', 'cjf', 'a.tar.bz2', 'disk.raw']],
    [
      'sparse tar, as Google wants its images',
      'g.tar.gz',
      ['tar', '--format=oldgnu', '-Sczf', 'g.tar.gz', 'holes.raw'],
    ],
    ['sparse tar of POSIX', 'p.tar', ['tar', '--format=posix', '-Scf', 'p.tar', 'holes.raw', 'README.txt']],
    ['sparse tar 0.1', 'q.tar', ['tar', '--format=posix', '--sparse-version=0.1', '-Scf', 'q.tar', 'holes.raw']],
    ['sparse tar 0.0', 'r.tar', ['tar', '--format=posix', '--sparse-version=0.0', '-Scf', 'r.tar', 'holes.raw']],
    ['ustar', 'u.tar.gz', ['tar', '--format=ustar', '-czf', 'u.tar.gz', 'disk.raw']],
    ['tar without a magic number', 'v7.tar', ['tar', '--format=v7', '-cf', 'v7.tar', 'README.txt', 'disk.raw']],
    ['zip', 'a.zip', ['python3', '-m', 'zipfile', '-c', 'a.zip', 'README.txt', 'disk.raw']],
  ] as const)('is extracted from %s', async (_, name, [program, ...args]) => {
    run(program, ...args)
    expect((await unpacked(name)).equals(DISK)).toBe(true)
  })

  it('is extracted from an OVA', async () => {
    run('tar', '--format=ustar', '-cf', 'box.ova', 'box.ovf', 'box.mf', 'box-disk1.vmdk')
    expect((await unpacked('box.ova')).equals(readFileSync(at('box-disk1.vmdk')))).toBe(true)
  })

  it('is extracted when it is compressed several times', async () => {
    run(
      'sh',
      '-c',
      'xz -1kc disk.raw > disk.raw.xz; gzip -c disk.raw.xz > twice.gz; tar cf in.tar disk.raw.xz; xz -kc in.tar > thrice.xz',
    )
    run('python3', '-m', 'zipfile', '-c', 'packed.zip', 'disk.raw.xz')
    for (const name of ['twice.gz', 'thrice.xz', 'packed.zip'])
      expect((await unpacked(name)).equals(DISK), name).toBe(true)
  })

  it('may have a long name, or one that is not ASCII', async () => {
    const name = `${'a-very-long-folder-name/'.repeat(8)}größe.raw`
    put(name, DISK)
    for (const format of ['gnu', 'posix']) {
      run('tar', `--format=${format}`, '-cf', 'long.tar', name)
      expect((await unpacked('long.tar', { member: name })).equals(DISK)).toBe(true)
    }
  })
})

describe('a named member', () => {
  it('is used, whatever its content and the other members', async () => {
    run('tar', 'cf', 'two.tar', 'disk.raw', 'disk.qcow2', 'usr')
    expect((await unpacked('two.tar', { member: 'disk.qcow2' })).equals(readFileSync(at('disk.qcow2')))).toBe(true)
    run('python3', '-m', 'zipfile', '-c', 'two.zip', 'disk.raw', 'disk.qcow2')
    expect((await unpacked('two.zip', { member: './disk.qcow2' })).equals(readFileSync(at('disk.qcow2')))).toBe(true)
  })

  it('is reported as missing, with the names that exist', async () => {
    const error = await refusal('two.tar', { member: 'disk.img' })
    expect(error.message).toMatch(/no member `disk\.img`.*`disk\.raw`, `disk\.qcow2`/)
  })

  it('is an error for a file that is not an archive', async () => {
    run('sh', '-c', 'gzip -c disk.raw > disk.raw.gz')
    expect((await refusal('disk.raw.gz', { member: 'disk.raw' })).message).toMatch(/not an archive/)
  })
})

describe('an archive without the one image', () => {
  it('is refused with the names of its images, and how to select one', async () => {
    for (const name of ['two.tar', 'two.zip']) {
      const error = await refusal(name)
      expect(error.message).toMatch(/2 images: `disk\.raw`, `disk\.qcow2`/)
      expect(error.hint).toMatch(/member: disk\.raw/)
    }
  })

  it('is refused with a list of its content', async () => {
    run('tar', 'czf', 'root.tar.gz', 'usr', 'README.txt', 'small.conf')
    run('python3', '-m', 'zipfile', '-c', 'root.zip', 'README.txt', 'small.conf')
    for (const name of ['root.tar.gz', 'root.zip'])
      expect((await refusal(name)).message).toMatch(/without a disk image: it holds .*`README\.txt`/)
    run('tar', 'cf', 'none.tar', '--files-from', '/dev/null')
    expect((await refusal('none.tar')).message).toMatch(/empty|no file|not compressed/)
  })

  it('never extracts a member whose name leaves its folder', async () => {
    run('tar', '-cPf', 'climb.tar', '--transform', 's,^,../../,', 'disk.raw')
    expect((await refusal('climb.tar')).message).toMatch(/without a disk image.*\.\.\/\.\.\/disk\.raw/)
  })

  it('is refused with the name of what it contains', async () => {
    put('fs.img', Buffer.concat([Buffer.from('hsqs'), Buffer.alloc(2 * MIB)]))
    run('tar', 'cf', 'fs.tar', 'fs.img')
    expect((await refusal('fs.tar', { member: 'fs.img' })).message).toMatch(/squashfs/)
    run('sh', '-c', 'xz -kc fs.img > fs.img.xz')
    expect((await refusal('fs.img.xz')).message).toMatch(/squashfs/)
  })
})

describe('hostile and damaged archives', () => {
  it('stops at the limit, also in a skipped member', async () => {
    put('zeros', '')
    truncateSync(at('zeros'), 64 * MIB)
    run('sh', '-c', 'tar cf - zeros disk.raw | gzip > bomb.tar.gz')
    const error = await refusal('bomb.tar.gz', { limitBytes: 10 * MIB })
    expect(error).toMatchObject({ details: { limitBytes: 10 * MIB } })
    run('python3', '-m', 'zipfile', '-c', 'bomb.zip', 'disk.raw')
    expect((await refusal('bomb.zip', { limitBytes: MIB })).details).toMatchObject({ limitBytes: MIB })
  })

  it('stops at too many layers of compression', async () => {
    run('sh', '-c', 'cp disk.raw deep; for i in 1 2 3 4 5; do gzip -c deep > deeper; mv deeper deep; done')
    expect((await refusal('deep')).message).toMatch(/more than 4 times/)
  })

  it('refuses a truncated or changed tar, or gives the right bytes, and never hangs', async () => {
    run('tar', '--format=oldgnu', '-Scf', 'any.tar', 'README.txt', 'holes.raw')
    const whole = readFileSync(at('any.tar'))
    const change = fc.record({ at: fc.nat(whole.length - 1), value: fc.nat(255), cut: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(
        change,
        within(30_000, async ({ at: position, value, cut }) => {
          const bytes = Buffer.from(cut ? whole.subarray(0, position) : whole)
          if (!cut) bytes[position] = value
          put('changed.tar', bytes)
          const found = await decompress({ from: at('changed.tar'), to: at('out'), limitBytes: 64 * MIB }).catch(
            (error: unknown) => error,
          )
          if (found instanceof ProvisionError) expect(found.code).toBe('IMAGE')
          else expect(found).toMatchObject({ bytes: DISK.length })
        }),
      ),
      { numRuns: 60 },
    )
  })

  it('names the method of a zip that cannot be read, with and without a member', async () => {
    run('python3', '-c', "import zipfile; zipfile.ZipFile('bz.zip', 'w', zipfile.ZIP_BZIP2).write('disk.raw')")
    for (const options of [{}, { member: 'disk.raw' }])
      expect(await refusal('bz.zip', options)).toMatchObject({
        message: 'The zip archive cannot be read: its member `disk.raw` uses compression method 12.',
        hint: expect.stringContaining('Extract it'),
      })
  })

  it('refuses a truncated zip, and one with changed bytes', async () => {
    put('noise.raw', Buffer.concat([DISK.subarray(0, MIB), randomBytes(MIB)]))
    run('python3', '-m', 'zipfile', '-c', 'noise.zip', 'noise.raw')
    const whole = readFileSync(at('noise.zip'))
    put('cut.zip', whole.subarray(0, whole.length - 30))
    expect((await refusal('cut.zip')).message).toMatch(/zip archive cannot be read/)
    const changed = Buffer.from(whole)
    changed.writeUInt8(changed.readUInt8(whole.length >> 1) ^ 1, whole.length >> 1)
    put('changed.zip', changed)
    expect((await refusal('changed.zip')).message).toMatch(/zip archive cannot be read/)
  })

  it('skips members that are not files', async () => {
    run('sh', '-c', 'ln -sf disk.raw link; mkfifo -m 600 pipe 2>/dev/null; tar cf odd.tar link pipe usr disk.raw')
    const names: string[] = []
    for await (const { name, isFile } of tarMembers(createReadStream(at('odd.tar')))) if (isFile) names.push(name)
    expect(names).toEqual(['usr/lib/grub/boot.img', 'disk.raw'])
  })
})
