import { describe, expect, it } from 'vitest'
import { type Change, SECRET } from '../../../src/plan/change/change.ts'
import { changeText, effectText, valueText } from '../../../src/plan/change/change-text.ts'

describe('a change as a clause', () => {
  it.each<readonly [Pick<Change, 'key' | 'before' | 'after'>, string]>([
    [{ key: 'cores', before: 1, after: 2 }, 'cores 1 → 2'],
    [{ key: 'memory', before: '1 GiB', after: '2 GiB' }, 'memory 1 → 2 GiB'],
    [{ key: 'memory', before: '512 MiB', after: '2 GiB' }, 'memory 512 MiB → 2 GiB'],
    [{ key: 'memory', before: '2 GiB', after: '512 MiB' }, 'memory 2 GiB → 512 MiB'],
    [{ key: 'disk.size', before: '1.5 TiB', after: '2 TiB' }, 'disk.size 1.5 → 2 TiB'],
    [{ key: 'description', before: 'as GiB', after: 'GiB' }, 'description as GiB → GiB'],
    [{ key: 'agent', before: false, after: true }, 'agent no → yes'],
    [{ key: 'tags', before: ['a', 'b'], after: ['b'] }, 'tags a, b → b'],
    [{ key: 'tags', before: ['blue'], after: [] }, 'tags blue → none'],
    [{ key: 'pool', before: 'lab' }, 'pool lab → unset'],
    [{ key: 'disks[0]', before: '2 GiB on local' }, 'disks[0] removed: 2 GiB on local'],
    [{ key: 'network[0].rate', before: 100, after: 200 }, 'network[0].rate 100 → 200 MB/s'],
    [{ key: 'startOrder.up', after: 30 }, 'startOrder.up unset → 30 s'],
    [{ key: 'description', before: 'one\ntwo', after: 'x'.repeat(99) }, `description one … → ${'x'.repeat(59)}…`],
    [{ key: 'cloudInit.password' }, 'cloudInit.password removed'],
    [{ key: 'network[1]', after: 'vmbr1' }, 'network[1] added: vmbr1'],
    [{ key: 'disks[0]', after: '2 GiB on local' }, 'disks[0] added: 2 GiB on local'],
    [{ key: 'pool', after: 'lab' }, 'pool unset → lab'],
    [{ key: 'network[0].mac', after: 'x' }, 'network[0].mac unset → x'],
    [{ key: 'cloudInit.password', before: SECRET, after: SECRET }, 'cloudInit.password changed'],
  ])('%j: %s', (change, text) => {
    expect(changeText(change)).toBe(text)
  })
})

describe('what a change does', () => {
  it.each<readonly [Pick<Change, 'when' | 'impact'>, string]>([
    [{ when: 'now' }, ''],
    [{ when: 'restart' }, 'when it is restarted'],
    [{ when: 'boot' }, 'at its next boot'],
    [{ when: 'now', impact: 'disconnects' }, 'the guest loses this card'],
    [{ when: 'now', impact: 'data-loss' }, 'its data is lost'],
    [
      { when: 'restart', impact: 'detached' },
      'when it is restarted; the guest loses it, but its data is kept as an unused disk',
    ],
    [{ when: 'now', impact: 'full-copy' }, 'its linked clone becomes a full copy'],
    [{ when: 'now', impact: 'replaced' }, 'by another machine'],
    [
      { when: 'boot', impact: 'new-instance' },
      'at its next boot; cloud-init then runs as on a new machine (new SSH host keys)',
    ],
  ])('%j: %s', (change, text) => {
    expect(effectText(change)).toBe(text)
  })
})

describe('a value', () => {
  it.each([
    [true, 'yes'],
    [false, 'no'],
    [0, '0'],
    ['', ''],
    [[], 'none'],
    [['one', 'two'], 'one, two'],
  ] as const)('%j reads %j', (value, text) => {
    expect(valueText(value)).toBe(text)
  })
})
