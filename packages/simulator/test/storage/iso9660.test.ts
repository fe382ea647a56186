import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readIso } from '../../src/storage/iso9660.ts'
import { isoImage } from '../support/iso.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'iso-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function read(bytes: Buffer) {
  const file = join(folder, 'image.iso')
  writeFileSync(file, bytes)
  return readIso(file)
}

const many = Object.fromEntries(
  Array.from({ length: 90 }, (_, index) => [`a-rather-long-name-${index}`, 'x'.repeat(index)]),
)
const files = {
  'user-data': '#cloud-config\n',
  'meta-data': 'instance-id: grün\n',
  'openstack/latest/user_data': 'x'.repeat(5000),
  ...many,
}

test.each(['joliet', 'rock-ridge'] as const)('long names by %s, in folders, over many sectors', (names) => {
  const found = read(isoImage({ label: 'cidata', files, names }))
  expect(found?.label).toBe('cidata')
  const texts = [...(found?.files ?? [])].map(([name, bytes]): [string, string] => [name, bytes.toString('utf8')])
  expect(Object.fromEntries(texts)).toEqual(files)
})

test('plain names in lower case, without their version', () => {
  const found = read(isoImage({ label: 'CIDATA', files: { 'user-data': 'x' }, names: 'plain' }))
  expect([found?.label, [...(found?.files.keys() ?? [])]]).toEqual(['CIDATA', ['user-data']])
})

test.each([
  ['an empty file', Buffer.alloc(0)],
  ['a disk', Buffer.alloc(1024 * 1024)],
  ['an image that ends early', isoImage({ label: 'cidata', files: {}, names: 'joliet' }).subarray(0, 33_000)],
])('%s is no disc', (_, bytes) => {
  expect(read(bytes)).toBeUndefined()
})

test('a truncated disc gives the files that are there', () => {
  const whole = isoImage({ label: 'cidata', files: { 'user-data': 'x'.repeat(5000) }, names: 'joliet' })
  expect(() => read(whole.subarray(0, 20 * 2048))).not.toThrow()
})
