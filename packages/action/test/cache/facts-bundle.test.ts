import { lstatSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { packBundle, type Seal, unpackBundle } from '../../src/cache/facts-bundle.ts'
import { temporaryFolder } from '../support/temporary.ts'

const SEAL: Seal = { secret: '11111111-2222-3333-4444-555555555555', scope: 'cluster-a' }
const DOCUMENT = `documents/${'a'.repeat(40)}.document`

function directory(files: Readonly<Record<string, string>> = {}): string {
  const path = temporaryFolder('bundle')
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(path, name, '..'), { recursive: true })
    writeFileSync(join(path, name), content)
  }
  return path
}

async function packed(files: Readonly<Record<string, string>>, seal = SEAL): Promise<string> {
  return (await packBundle(directory(files), seal))?.text ?? ''
}

/** A bundle as someone without the secret would create it. */
function forged(files: Readonly<Record<string, string>>): string {
  const payload = JSON.stringify(
    Object.fromEntries(Object.entries(files).map(([name, text]) => [name, Buffer.from(text).toString('base64')])),
  )
  return `pve-provision facts 1\n${'0'.repeat(64)}\n${payload}\n`
}

describe('packBundle', () => {
  it('packs the journal and the documents, and no other files', async () => {
    const text = await packed({
      'journal/facts.jsonl': 'j',
      [DOCUMENT]: 'd',
      'documents/other.txt': 'o',
      'v1/blobs/x': 'b',
    })
    expect(Object.keys(JSON.parse(text.split('\n')[2] ?? ''))).toEqual(['journal/facts.jsonl', DOCUMENT])
  })

  it('is the same text for the same content, and differs for other content', async () => {
    expect(await packed({ 'journal/facts.jsonl': 'j' })).toBe(await packed({ 'journal/facts.jsonl': 'j' }))
    expect(await packed({ 'journal/facts.jsonl': 'j' })).not.toBe(await packed({ 'journal/facts.jsonl': 'k' }))
  })

  it('is empty for an empty folder', async () => {
    expect(await packBundle(directory(), SEAL)).toBeUndefined()
    expect(await packBundle('/does/not/exist', SEAL)).toBeUndefined()
  })

  it('does not read through a link', async () => {
    const place = directory({ 'journal/x': '' })
    symlinkSync('/etc/hostname', join(place, 'journal/facts.jsonl'))
    expect(await packBundle(place, SEAL)).toBeUndefined()
  })

  it('does not hold the secret', async () => {
    expect(await packed({ 'journal/facts.jsonl': 'j' })).not.toContain(SEAL.secret)
  })
})

describe('unpackBundle', () => {
  it('restores what was packed, with the hash that packing it again gives', async () => {
    const place = directory()
    const text = await packed({ 'journal/facts.jsonl': 'j', [DOCUMENT]: 'd' })
    const hash = await unpackBundle(text, place, SEAL)
    expect(readFileSync(join(place, DOCUMENT), 'utf8')).toBe('d')
    expect((await packBundle(place, SEAL))?.contentHash).toBe(hash)
  })

  it('never replaces an existing file', async () => {
    const place = directory({ 'journal/facts.jsonl': 'mine' })
    await unpackBundle(await packed({ 'journal/facts.jsonl': 'theirs' }), place, SEAL)
    expect(readFileSync(join(place, 'journal/facts.jsonl'), 'utf8')).toBe('mine')
  })

  it('does not write through a link at its path', async () => {
    const place = directory({ 'journal/x': '', victim: 'untouched' })
    symlinkSync(join(place, 'victim'), join(place, 'journal/facts.jsonl'))
    await unpackBundle(await packed({ 'journal/facts.jsonl': 'j' }), place, SEAL)
    expect(readFileSync(join(place, 'victim'), 'utf8')).toBe('untouched')
    expect(lstatSync(join(place, 'journal/facts.jsonl')).isSymbolicLink()).toBe(true)
  })

  it.each([
    ['sealed by another secret', () => packed({ 'journal/facts.jsonl': 'j' }, { ...SEAL, secret: 'other' })],
    ['of another cluster', () => packed({ 'journal/facts.jsonl': 'j' }, { ...SEAL, scope: 'cluster-b' })],
    ['without a seal', async () => forged({ 'journal/facts.jsonl': 'j' })],
    [
      'with a changed document',
      async () =>
        (await packed({ [DOCUMENT]: 'd' })).replace(
          Buffer.from('d').toString('base64'),
          Buffer.from('e').toString('base64'),
        ),
    ],
    ['of an older layout', async () => (await packed({ 'journal/facts.jsonl': 'j' })).replace('facts 1', 'facts 0')],
    ['that is empty', async () => ''],
    ['that is no text', async () => '\u0000\u0001\n\n\n'],
  ])('writes nothing from a bundle %s', async (_name, make) => {
    const place = directory()
    expect(await unpackBundle(await make(), place, SEAL)).toBeUndefined()
    expect(await packBundle(place, SEAL)).toBeUndefined()
  })
})
