import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HEAD_BYTES, refuseByName, sniff } from '../../../src/codecs/image/sniff.ts'
import { ProvisionError } from '../../../src/errors.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sniff-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const MIB = 1024 * 1024
const at = (name: string) => join(folder, name)
const qemuImg = (...args: readonly string[]) => execFileSync('qemu-img', args, { cwd: folder })
const headOf = (name: string, bytes = 4096) => readFileSync(at(name)).subarray(0, bytes)

function made(name: string, ...args: readonly string[]): Buffer {
  qemuImg('create', '-q', ...args, name, '8M')
  return headOf(name)
}

function refusal(head: Uint8Array): string {
  try {
    sniff(head)
  } catch (error) {
    if (error instanceof ProvisionError && error.code === 'IMAGE' && error.hint) return error.message
    throw error
  }
  throw new Error('was accepted')
}

function thrownBy(action: () => unknown): ProvisionError {
  try {
    action()
  } catch (error) {
    if (error instanceof ProvisionError) return error
  }
  return expect.fail('was accepted')
}

describe('sniff: real images', () => {
  it.each([
    ['qcow2', ['-f', 'qcow2'], 8 * MIB],
    ['qcow2', ['-f', 'qcow2', '-o', 'compat=0.10'], 8 * MIB],
    ['qcow2', ['-f', 'qcow2', '-o', 'compression_type=zstd'], 8 * MIB],
    ['qcow2', ['-f', 'qcow2', '-o', 'extended_l2=on'], 8 * MIB],
    ['vmdk', ['-f', 'vmdk'], 8 * MIB],
    ['vmdk', ['-f', 'vmdk', '-o', 'subformat=streamOptimized'], 8 * MIB],
    ['vdi', ['-f', 'vdi'], 8 * MIB],
    ['vhdx', ['-f', 'vhdx'], undefined],
    ['vpc', ['-f', 'vpc'], undefined],
  ] as const)('detects %s created with %s', (format, args, virtualSizeBytes) => {
    const head = made(`${args.join('').replace(/\W/g, '')}.img`, ...args)
    expect(sniff(head)).toEqual({ compression: 'none', format, ...(virtualSizeBytes && { virtualSizeBytes }) })
  })

  it.each(['xz', 'zstd', 'gzip', 'bzip2'] as const)('detects %s', (program) => {
    const packed = execFileSync(program, ['-c'], { input: Buffer.alloc(100_000) })
    expect(sniff(packed)).toEqual({ compression: program })
    expect(sniff(execFileSync(program, ['-c'], { input: '' }))).toEqual({ compression: program })
  })

  it('detects the output of pzstd, with a first frame without data', () => {
    expect(sniff(Buffer.from([0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0]))).toEqual({ compression: 'zstd' })
  })

  it('detects a disk with a boot sector or a partition table as raw', () => {
    const disk = Buffer.alloc(4096)
    disk.writeUInt16LE(0xaa55, 510)
    expect(sniff(disk)).toEqual({ compression: 'none', format: 'raw' })
    for (const sectorBytes of [512, 4096]) {
      const table = Buffer.alloc(8192)
      table.write('EFI PART', sectorBytes)
      expect(sniff(table)).toEqual({ compression: 'none', format: 'raw' })
    }
  })
})

describe('sniff: dangerous images', () => {
  it('refuses a qcow2 with a backing file, and names it', () => {
    made('base.qcow2', '-f', 'qcow2')
    qemuImg('create', '-q', '-f', 'qcow2', '-b', '/etc/passwd', '-F', 'raw', 'overlay.qcow2')
    expect(refusal(headOf('overlay.qcow2'))).toMatch(/backing file \(\/etc\/passwd\)/)
  })

  it('refuses a qcow2 with an external data file', () => {
    expect(refusal(made('data.qcow2', '-f', 'qcow2', '-o', 'data_file=data.raw,data_file_raw=on'))).toMatch(
      /external file/,
    )
  })

  it('refuses a qcow2 that is encrypted, marked corrupt, or needs features unknown to us', () => {
    const plain = made('plain.qcow2', '-f', 'qcow2')
    // The header's value for LUKS. qemu-img can create such an image only if it can measure CPU time exactly.
    const encrypted = Buffer.from(plain)
    encrypted.writeUInt32BE(2, 32)
    expect(refusal(encrypted)).toMatch(/encrypted/)
    const with_ = (bits: number) => {
      const head = Buffer.from(plain)
      head.writeUInt8(bits, 79)
      return head
    }
    expect(refusal(with_(2))).toMatch(/corrupt/)
    expect(refusal(with_(0x80))).toMatch(/newer QEMU/)
  })

  it('refuses the first qcow and other formats that Proxmox does not take', () => {
    expect(refusal(made('old.qcow', '-f', 'qcow'))).toMatch(/version 1/)
    expect(refusal(made('x.qed', '-f', 'qed'))).toMatch(/QED/)
    expect(refusal(made('x.parallels', '-f', 'parallels'))).toMatch(/Parallels/)
  })

  it.each(['monolithicFlat', 'twoGbMaxExtentSparse', 'twoGbMaxExtentFlat'])(
    'refuses a VMDK descriptor that names other files: %s',
    (subformat) => {
      expect(refusal(made(`${subformat}.vmdk`, '-f', 'vmdk', '-o', `subformat=${subformat}`))).toMatch(
        /names other files/,
      )
    },
  )

  it('refuses a sparse VMDK whose inner descriptor names other files, or that has no capacity of its own', () => {
    const whole = made('inner.vmdk', '-f', 'vmdk')
    const text = whole.toString('latin1').replace('monolithicSparse', 'monolithicFlat\0\0')
    expect(refusal(Buffer.from(text, 'latin1'))).toMatch(/names other files/)
    const empty = Buffer.from(whole)
    empty.writeBigUInt64LE(0n, 12)
    expect(refusal(empty)).toMatch(/names other files/)
    expect(
      refusal(
        Buffer.from(
          whole.toString('latin1').replace('createType', 'parentFileNameHint="/etc/shadow"\ncreateType'),
          'latin1',
        ),
      ),
    ).toMatch(/needs a parent/)
  })

  it('refuses headers that are cut short', () => {
    for (const name of ['plain.qcow2', 'inner.vmdk']) expect(refusal(headOf(name, 20))).toMatch(/truncated/)
  })
})

describe('sniff: other files', () => {
  it.each(['<!DOCTYPE html><html>', '\n <html lang="en">', '\u00ef\u00bb\u00bf<?xml version="1.0"?>'])(
    'refuses a web page: %s',
    (text) => {
      expect(refusal(Buffer.from(text, 'latin1'))).toMatch(/web page/)
    },
  )

  it('detects archives that contain the image', () => {
    writeFileSync(at('disk.raw'), 'x')
    execFileSync('tar', ['cf', 'disk.tar', 'disk.raw'], { cwd: folder })
    expect(sniff(headOf('disk.tar'))).toEqual({ compression: 'none', archive: 'tar' })
    expect(sniff(Buffer.from('PK\x03\x04rest'))).toEqual({ compression: 'none', archive: 'zip' })
  })

  it.each([
    ['a Proxmox backup', [[0, 'VMA\0\0\0\0\u0001']], /VMA.*qmrestore/],
    ['an installation CD', [[32_769, 'CD001']], /installation CD.*cloud image/],
    [
      'an installation CD that boots from a stick',
      [
        [510, '\u0055\u00aa'],
        [32_769, 'CD001'],
      ],
      /installation CD/,
    ],
    ['a file system in squashfs', [[0, 'hsqs']], /squashfs/],
    [
      'a file system of Linux',
      [
        [1024, '\u0001'],
        [1080, '\u0053\u00ef'],
      ],
      /ext2, ext3 or ext4/,
    ],
    ['a file system of xfs', [[0, 'XFSB']], /xfs/],
    ['an LVM volume', [[512, 'LABELONE']], /LVM/],
    [
      'a kernel, which has a boot sector',
      [
        [510, '\u0055\u00aa'],
        [0x202, 'HdrS'],
      ],
      /kernel/,
    ],
    [
      'a kernel of ARM',
      [
        [0, 'MZ'],
        [0x38, 'ARMd'],
      ],
      /kernel/,
    ],
    ['a program', [[0, '\u007fELF']], /ELF/],
    [
      'a program of Windows',
      [
        [0, 'MZ'],
        [0x3c, '\u0080'],
        [0x80, 'PE\0\0'],
      ],
      /Windows/,
    ],
    ['an initial ramdisk', [[0, '070701']], /ramdisk/],
    ['lz4', [[0, '\u0004\u0022\u004d\u0018']], /lz4.*zstd/],
    ['7z', [[0, '7z\u00bc\u00af\u0027\u001c']], /7z/],
    ['rar', [[0, 'Rar!\u001a\u0007']], /rar/],
    ['a Windows image', [[0, 'MSWIM\0\0\0']], /WIM/],
    ['a PDF', [[0, '%PDF-1.7']], /PDF/],
    ['a file system in btrfs', [[65_600, '_BHRfS_M']], /btrfs/],
    ['a file system in f2fs', [[1024, '\u0010\u0020\u00f5\u00f2']], /f2fs/],
    ['a file system in HFS+', [[1024, 'H+\0\u0004']], /HFS/],
    ['a part of a RAID', [[4096, '\u00fc\u004e\u002b\u00a9']], /RAID/],
    ['lrzip', [[0, 'LRZI']], /lrzip.*zstd/],
    ['an encrypted file', [[0, 'age-encryption.org/v1\n']], /encrypted \(age\).*Decrypt/],
    ['a forensic copy', [[0, 'EVF\t\r\n\u00ff\0']], /E01/],
    ['an image for Windows phones and tablets', [[4, 'SignedImage ']], /FFU/],
  ] as const)('refuses %s with its name and a hint', (_, parts, wanted) => {
    const head = Buffer.alloc(HEAD_BYTES)
    for (const [offset, text] of parts) head.write(text, offset, 'latin1')
    const error = thrownBy(() => sniff(head))
    expect(`${error.message} ${error.hint}`).toMatch(wanted)
  })

  it.each([
    ['{"message":"Not Found"}', /text, which begins with `\{"message":"Not Found"\}`/],
    ['version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n', /Git LFS pointer/],
    ['404 page not found\n', /404 page not found/],
    ['Übersicht: ünicode'.repeat(100), /text/],
  ])('refuses a text: %s', (text, wanted) => {
    expect(refusal(Buffer.from(text))).toMatch(wanted)
  })

  it('refuses an OVF descriptor, with the files to use instead', () => {
    const error = thrownBy(() =>
      sniff(Buffer.from('<?xml version="1.0"?>\n<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1">')),
    )
    expect(`${error.message} ${error.hint}`).toMatch(/OVF descriptor.*OVA/)
  })

  it('refuses a compressed file whose name says what is in it', () => {
    expect(thrownBy(() => refuseByName('vzdump-qemu-100.vma.zst'))).toMatchObject({
      message: 'The image cannot be used: by its name, it is a Proxmox backup (VMA).',
      hint: expect.stringContaining('qmrestore'),
    })
    expect(thrownBy(() => refuseByName('netinst.ISO.xz')).message).toMatch(/installation CD/)
    for (const name of ['disk.raw.xz', 'vma.zst', 'iso.img.gz', 'image.vma', 'disk.xz']) refuseByName(name)
  })

  it('reports unknown bytes as uncertain', () => {
    for (const head of [Buffer.alloc(4096), Buffer.alloc(4096, 0xe5)])
      expect(sniff(head)).toEqual({ compression: 'none', format: 'raw', doubt: expect.stringMatching(/boot sector/) })
  })

  it('handles any bytes', () => {
    for (const magic of ['', 'QFI\u00fb', 'KDMV', 'conectix', 'vhdxfile']) {
      for (let length = 0; length < 80; length += 1) {
        const head = Buffer.concat([Buffer.from(magic, 'latin1'), Buffer.alloc(length, 0xff)])
        try {
          sniff(head)
        } catch (error) {
          expect(error).toBeInstanceOf(ProvisionError)
        }
      }
    }
  })
})
