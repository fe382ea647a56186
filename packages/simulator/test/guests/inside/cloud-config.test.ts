import { describe, expect, test } from 'vitest'
import { readDocuments } from '../../../src/guests/inside/cloud-config.ts'

const read = (user: string, vendor = '') => readDocuments({ user, vendor })
const config = '#cloud-config\n'

describe('user-data', () => {
  const multipart = [
    'Content-Type: multipart/mixed; boundary="=="',
    'MIME-Version: 1.0',
    '',
    '--==',
    'Content-Type: text/cloud-config',
    '',
    'packages: [a]',
    '--==',
    'Content-Type: text/x-shellscript',
    'Content-Transfer-Encoding: base64',
    '',
    Buffer.from('#!/bin/sh\ntrue\n').toString('base64'),
    '--==--',
    '',
  ].join('\n')
  const archive = `#cloud-config-archive\n- type: text/cloud-config\n  content: "packages: [a]"\n- "#!/bin/sh\\ntrue"\n`

  test.each([
    ['cloud-config', `${config}packages: [a]\nruncmd: [x]\n`, { packages: ['a'], runcmd: ['x'] }],
    ['YAML 1.1', `${config}a: yes\nb: 0o10\nc: 010\n`, { a: true, b: '0o10', c: 8 }],
    ['jinja', `## template: jinja\n${config}packages: [a]\n`, { packages: ['a'] }],
    ['several parts', multipart, { packages: ['a'] }],
    ['an archive', archive, { packages: ['a'] }],
    ['a script', '#!/bin/sh\ntrue\n', {}],
    ['nothing', '', {}],
  ])('that is %s', (_, text, expected) => {
    expect(read(text)).toMatchObject({ config: expected, warnings: [] })
  })

  test('has scripts in parts and archives', () => {
    expect(read(multipart).scripts).toEqual(['#!/bin/sh\ntrue\n'])
    expect(read(archive).scripts).toEqual(['#!/bin/sh\ntrue'])
  })

  test.each([
    ['broken YAML', `${config}packages: [a\n`, 'Failed loading yaml blob'],
    ['a list', `${config}- a\n`, 'Failed loading yaml blob. Yaml load allows (<class dict>,) root types.'],
    ['text of no kind', 'packages: [a]\n', 'Unhandled non-multipart (text/x-not-multipart) userdata'],
  ])('that is %s is left out with a warning', (_, text, warning) => {
    expect(read(text)).toMatchObject({ config: {}, warnings: [expect.stringContaining(warning)] })
  })

  test('takes precedence over vendor-data, key by key', () => {
    const both = read(`${config}packages: [a]\n`, `${config}packages: [b]\ntimezone: UTC\n`)
    expect(both.config).toEqual({ packages: ['a'], timezone: 'UTC' })
  })
})
