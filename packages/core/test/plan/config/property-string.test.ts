import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatNetworkCard,
  formatProperties,
  formatSize,
  parseNetworkCard,
  parseProperties,
  parseSize,
  parseTags,
  sameProperties,
  storageOfVolume,
  withTag,
} from '../../../src/plan/config/property-string.ts'

describe('parseProperties', () => {
  it('assigns a part without a key to the default key, at any position', () => {
    expect([...parseProperties('local:100/vm-100-disk-0.qcow2,size=20G,ssd=1', 'file')]).toEqual([
      ['file', 'local:100/vm-100-disk-0.qcow2'],
      ['size', '20G'],
      ['ssd', '1'],
    ])
  })

  it('parses undefined, empty and a single space as empty', () => {
    for (const nothing of [undefined, '', ' ', null]) expect(parseProperties(nothing, 'x').size).toBe(0)
  })

  it('keeps equal signs inside a value', () => {
    expect(parseProperties('meta=a=b', 'x').get('meta')).toBe('a=b')
  })

  it('is reversed by formatProperties', () => {
    const word = fc.stringMatching(/^[a-z0-9.:/-]{1,8}$/)
    fc.assert(
      fc.property(word, fc.dictionary(fc.stringMatching(/^[a-z]{2,6}$/), word), (first, rest) => {
        const properties = new Map([['file', first], ...Object.entries(rest)])
        expect([...parseProperties(formatProperties(properties, 'file'), 'file')].sort()).toEqual(
          [...properties].sort(),
        )
      }),
    )
  })
})

describe('sameProperties', () => {
  it.each([
    ['order=1,up=30', 'up=30,order=1', true],
    ['discard=on', 'discard=1', true],
    ['ssd=0', 'ssd=off', true],
    ['size=1.5G', 'size=1536M', true],
    ['size=1G', 'size=1025M', false],
    ['firewall=0', '', true],
    ['firewall=1', '', false],
    ['tag=5', 'tag=6', false],
    ['tag=5', '', false],
  ])('%s and %s: %s', (one, other, same) => {
    expect(sameProperties(parseProperties(one, ''), parseProperties(other, ''), { firewall: '0' })).toBe(same)
  })
})

describe('network cards', () => {
  it.each([
    'virtio=BC:24:11:2C:BF:14,bridge=vmbr0',
    'virtio=bc:24:11:2c:bf:14,bridge=vmbr0',
    'model=virtio,macaddr=bc:24:11:2c:bf:14,bridge=vmbr0',
    'bridge=vmbr0,virtio=BC:24:11:2C:BF:14',
  ])('reads %s, and writes it as Proxmox does', (text) => {
    expect(formatNetworkCard(parseNetworkCard(text))).toBe('virtio=BC:24:11:2C:BF:14,bridge=vmbr0')
  })

  it('lets Proxmox generate the MAC when there is none', () => {
    expect(formatNetworkCard(parseNetworkCard('e1000,bridge=vmbr1,tag=4'))).toBe('e1000,bridge=vmbr1,tag=4')
  })
})

describe('sizes', () => {
  it.each([
    ['20G', 20 * 1024 ** 3],
    ['1536M', 1536 * 1024 ** 2],
    ['1.5G', 1536 * 1024 ** 2],
    ['528K', 528 * 1024],
    ['512', 512],
    ['1T', 1024 ** 4],
    ['2g', 2 * 1024 ** 3],
  ])('%s is %d bytes', (text, bytes) => expect(parseSize(text)).toBe(bytes))

  it.each(['', 'none', '2 G', '2GB', '-1G', undefined])('%s is not a size', (text) =>
    expect(parseSize(text)).toBeUndefined(),
  )

  it.each([
    [20 * 1024 ** 3, '20G'],
    [1536 * 1024 ** 2, '1536M'],
    [1000, '1000'],
    [0, '0'],
  ])('%d bytes are written %s', (bytes, text) => expect(formatSize(bytes)).toBe(text))

  it('are the same after writing and reading', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 31), (bytes) => {
        expect(parseSize(formatSize(bytes))).toBe(bytes)
      }),
    )
  })
})

describe('parseTags', () => {
  it.each([
    ['Prod;web,CI zeta;alpha', ['alpha', 'ci', 'prod', 'web', 'zeta']],
    ['b;a;b;A', ['a', 'b']],
    [' ', []],
    [undefined, []],
  ])('%j is the set %j', (text, tags) => expect(parseTags(text)).toEqual(tags))
})

describe('withTag', () => {
  it.each([
    ['Zeta;alpha', 'Zeta;alpha;own'],
    ['own;Zeta', 'own;Zeta'],
    ['Prod,CI', 'Prod;CI;own'],
    [' ', 'own'],
    [undefined, 'own'],
  ])('adds a tag to %j and keeps case and order of the others', (text, tags) => expect(withTag(text, 'own')).toBe(tags))
})

describe('storageOfVolume', () => {
  it.each([
    ['local-lvm:vm-1-disk-0', 'local-lvm'],
    ['nas.two:100/base-100-disk-0.qcow2/101/vm-101-disk-0.qcow2', 'nas.two'],
    ['none', undefined],
    ['/dev/sdb', undefined],
    [undefined, undefined],
  ])('%s: %s', (volid, storage) => expect(storageOfVolume(volid)).toBe(storage))
})
