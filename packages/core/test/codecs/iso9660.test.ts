import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type IsoFile, writeIso } from '../../src/codecs/iso9660.ts'

const FILES: readonly IsoFile[] = [
  { name: 'user-data', content: `#cloud-config\n# ${'x'.repeat(5000)}\n` },
  { name: 'meta-data', content: 'instance-id: web\n' },
  { name: 'vendor-data', content: '' },
  { name: 'network-config', content: 'version: 2\n# grüße\n' },
]

let directory: string
let path: string

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'iso-'))
  path = join(directory, 'seed.iso')
  writeFileSync(path, writeIso('cidata', FILES))
})

afterAll(() => rmSync(directory, { recursive: true }))

function has(tool: string): boolean {
  try {
    execFileSync('which', [tool], { stdio: 'pipe' })
    return true
  } catch {
    return false
  }
}

/** Reads a file through the Joliet tree, with the offsets of the standard and without code of the writer. */
function readJoliet(image: Uint8Array): Map<string, string> {
  const bytes = Buffer.from(image)
  const descriptor = [16, 17, 18].map((sector) => bytes.subarray(sector * 2048)).find((one) => one[0] === 2)
  const root = descriptor?.readUInt32LE(156 + 2) ?? 0
  const files = new Map<string, string>()
  for (let at = root * 2048; (bytes[at] ?? 0) > 0; at += bytes[at] ?? 0) {
    const name = Buffer.from(bytes.subarray(at + 33, at + 33 + (bytes[at + 32] ?? 0)))
    if (name.length < 2) continue
    const start = bytes.readUInt32LE(at + 2) * 2048
    files.set(name.swap16().toString('utf16le'), bytes.subarray(start, start + bytes.readUInt32LE(at + 10)).toString())
  }
  return files
}

describe('writeIso', () => {
  it('holds every file, whole, under its own name', () => {
    const expected = FILES.map(({ name, content }) => [name, content] as const)
    expect([...readJoliet(writeIso('cidata', FILES))].sort()).toEqual([...expected].sort())
  })

  it('gives the same bytes for the same files in any order', () => {
    expect(writeIso('cidata', FILES.toReversed())).toEqual(writeIso('cidata', FILES))
  })

  it('has the size that other tools read: as many whole sectors as the descriptor says', () => {
    const image = Buffer.from(writeIso('cidata', FILES))
    expect(image.readUInt32LE(16 * 2048 + 80) * 2048).toBe(image.length)
    expect(image.readUInt32BE(16 * 2048 + 84) * 2048).toBe(image.length)
  })

  it.skipIf(!has('blkid'))('is recognised by blkid as iso9660 with its label (needs blkid)', () => {
    const told = execFileSync('blkid', ['-p', '-o', 'export', path], { encoding: 'utf8' })
    expect(told).toContain('LABEL=cidata')
    expect(told).toContain('TYPE=iso9660')
  })

  it.skipIf(!has('isoinfo'))('is read by isoinfo through Rock Ridge and Joliet alike (needs isoinfo)', () => {
    for (const tree of ['-R', '-J']) {
      const listed = execFileSync('isoinfo', [tree, '-f', '-i', path], { encoding: 'utf8' })
      expect(listed.trim().split('\n').sort()).toEqual(FILES.map(({ name }) => `/${name}`).sort())
      const read = execFileSync('isoinfo', [tree, '-x', '/network-config', '-i', path], { encoding: 'utf8' })
      expect(read).toBe('version: 2\n# grüße\n')
    }
  })
})
