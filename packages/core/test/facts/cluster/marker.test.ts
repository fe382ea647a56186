import { describe, expect, it } from 'vitest'
import { type Marker, readMarker, readText, writeDescription } from '../../../src/facts/cluster/marker.ts'

const MARKER: Marker = {
  project: 'lab',
  name: 'web',
  kind: 'machine',
  image: 'base',
  base: '00',
  spec: '11',
  vmid: 101,
}
const line = (marker: Partial<Marker>) => writeDescription({ ...MARKER, ...marker })

describe('the marker in the notes of a guest', () => {
  it('is read back, and so is the text of the user', () => {
    const notes = writeDescription(MARKER, 'Ask ops before a restart.\n\nSince 2024.')
    expect(readMarker(notes, 101)).toEqual(MARKER)
    expect(readText(notes)).toBe('Ask ops before a restart.\n\nSince 2024.')
  })

  it.each([
    ['before it', `${line({ vmid: 7, name: 'other' })}\ntext\n\n${line({})}`],
    ['after it', `text\n\n${line({})}\n${line({ vmid: 7, name: 'other' })}`],
    ['before it, without an id', `${line({ vmid: undefined as never, name: 'other' })}\ntext\n\n${line({})}`],
    ['before it, cut off', `<!-- pve-provision {"project":"x} -->\ntext\n\n${line({})}`],
    ['before it, empty', `<!-- pve-provision {} -->\ntext\n\n${line({})}`],
  ])('is found beside one of another VM: %s', (_, notes) => {
    expect(readMarker(notes, 101)).toEqual(MARKER)
    expect(readText(notes)).toBe('text')
  })

  it.each([
    ['no notes', undefined],
    ['notes without one', 'text'],
    ['one that is a copy', line({ vmid: 7 })],
    ['one inside a line', `see ${line({})}`],
    ['one that is no JSON', '<!-- pve-provision {nonsense} -->'],
    ['one without a name', '<!-- pve-provision {"project":"lab"} -->'],
  ])('is absent with %s', (_, notes) => {
    expect(readMarker(notes, 101)).toBeUndefined()
  })
})
