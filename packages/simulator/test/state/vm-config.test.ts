// A machine's configuration as text: everything that is written can be read back.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { digestOf, formatVmConfig, newVmConfig, parseVmConfig, typedValue } from '../../src/state/vm-config.ts'

test('is formatted as Proxmox does', () => {
  const config = newVmConfig()
  config.description = 'first: 100 %\nsecond é'
  for (const [key, value] of [
    ['name', 'web'],
    ['cores', 2],
    ['scsi0', 'local:100/vm-100-disk-0.qcow2,size=1G'],
  ] as const)
    config.values.set(key, value)
  config.pending.set('memory', '512')
  config.pendingDelete.set('balloon', false)
  config.pendingDelete.set('scsi1', true)
  config.cloudInit.set('ciuser', 'ada')
  config.cloudInit.set('added', 'searchdomain')
  config.snapshots.set('s1', {
    description: 'before',
    values: new Map([
      ['cores', 1],
      ['snaptime', 1795500000],
    ]),
  })
  expect(formatVmConfig(config)).toBe(
    [
      '#first%3A 100 %25',
      '#second %C3%A9',
      'cores: 2',
      'name: web',
      'scsi0: local:100/vm-100-disk-0.qcow2,size=1G',
      '',
      '[PENDING]',
      'delete: balloon,!scsi1',
      'memory: 512',
      '',
      '[special:cloudinit]',
      'added: searchdomain',
      'ciuser: ada',
      '',
      '[s1]',
      '#before',
      'cores: 1',
      'snaptime: 1795500000',
      '',
    ].join('\n'),
  )
})

test('is unchanged after formatting and parsing, whatever the description and values', () => {
  const text = fc
    .string({ unit: 'binary', maxLength: 40 })
    .filter((value) => !/[\r\n\ud800-\udfff]/u.test(value) && value.trim() === value && value !== '')
  const key = fc.constantFrom('name', 'tags', 'scsi0', 'net0', 'args', 'cicustom')
  fc.assert(
    fc.property(
      fc.dictionary(key, text),
      fc.option(fc.array(text, { minLength: 1, maxLength: 4 }), { nil: undefined }),
      (values, lines) => {
        const config = newVmConfig()
        for (const [name, value] of Object.entries(values)) config.values.set(name, value)
        if (lines !== undefined) config.description = lines.join('\n')
        const again = parseVmConfig(formatVmConfig(config))
        expect(again.description).toBe(config.description)
        expect(Object.fromEntries(again.values)).toEqual(values)
        expect(digestOf(again)).toBe(digestOf(config))
      },
    ),
  )
})

describe('a value', () => {
  test('of a numeric option is a number; memory is a string', () => {
    expect(typedValue('cores', '2')).toBe(2)
    expect(typedValue('onboot', '0')).toBe(0)
    expect(typedValue('memory', '512')).toBe('512')
    expect(typedValue('cores', 'x')).toBe('x')
  })
})
