import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createMasker, maskSecrets } from '../src/mask.ts'

const hexOf = (unit: string) => unit.charCodeAt(0).toString(16).padStart(4, '0')

describe('a masker', () => {
  it.each([
    ['as it stands', 'p^a{ss"w<rd', 'Proxmox quotes p^a{ss"w<rd.', 'Proxmox quotes ***.'],
    ['percent-encoded', 'p^a{ss"w<rd', 'at /x?p=p%5Ea%7Bss%22w%3Crd&y', 'at /x?p=***&y'],
    ['percent-encoded where that is not needed', 'a1b2-c3d4', 'x=a1b2%2Dc3d4&a1b2%2dc3d4', 'x=***&***'],
    ['in a form', 'two words!', 'cipassword=two+words%21&x=1', 'cipassword=***&x=1'],
    ['in JSON', 'line "one"', '{"a":"line \\"one\\""}', '{"a":"***"}'],
    [
      'in JSON that is in JSON',
      'line "one"',
      '{"a":"{\\"b\\":\\"line \\\\\\"one\\\\\\"\\"}"}',
      '{"a":"{\\"b\\":\\"***\\"}"}',
    ],
    ['in a command', "it's one", "command 'set' 'it'\\''s one' failed", "command 'set' '***' failed"],
    ['in HTML', `a<'b'>&c`, '<p>a&lt;&#39;b&#39;&gt;&amp;c a&lt;&#x27;b&#x27;&gt;&amp;c</p>', '<p>*** ***</p>'],
    ['in HTML with few escapes', 'a&b<c>', '<p>a&amp;b&lt;c></p>', '<p>***</p>'],
    ['in HTML with other escapes', `a"'b`, '<p>a&#34;&#39;b a&quot;&#039;b a&quot;&apos;b</p>', '<p>*** *** ***</p>'],
    [
      'percent-encoded in an address in an address',
      'p^ä/x',
      '?u=http%3A%2F%2Fp%255E%25C3%25A4%252Fx&y',
      '?u=http%3A%2F%2F***&y',
    ],
    ['percent-encoded in an address, in small letters', 'p^ä/x', 'a%3ap%255e%25c3%25a4%252fx%40h', 'a%3a***%40h'],
    ['in JSON without letters beyond ASCII', 'pä€😀x', '{"a":"p\\u00e4\\u20ac\\ud83d\\ude00x"}', '{"a":"***"}'],
    ['in JSON with upper-case escapes', 'pä€😀x', '{"a":"p\\u00E4\\u20AC\\uD83D\\uDE00x"}', '{"a":"***"}'],
    [
      'in JSON with control characters',
      'p\u001b\tx',
      '{"a":"p\\u001b\\tx","b":"p\\u001B\\tx"}',
      '{"a":"***","b":"***"}',
    ],
    ['in JSON for HTML', 'p<&>\u2028x', '{"a":"p\\u003c\\u0026\\u003e\\u2028x"}', '{"a":"***"}'],
    ['in JSON of .NET', `p"'+<\\ä`, '{"a":"p\\u0022\\u0027\\u002B\\u003C\\\\\\u00E4"}', '{"a":"***"}'],
    ['in JSON of PHP', 'pä/x/y', '{"a":"p\\u00e4\\/x\\/y"}', '{"a":"***"}'],
    ['in JSON of PHP that is in JSON', 'pä/x/y', '"{\\"a\\":\\"p\\\\u00e4\\\\/x\\\\/y\\"}"', '"{\\"a\\":\\"***\\"}"'],
    ['in hexadecimal', 'pä$$x', '0x70c3a4242478 70C3A4242478', '0x70c3a4242478 ***'],
    [
      'in hexadecimal, in the middle of anything, when it is long',
      'correct horse',
      'x636F727265637420686F727365y',
      'x***y',
    ],
    ['in the bytes of Python and of a shell', 'pä$$x', "b'p\\xc3\\xa4$$x' $'p\\303\\244$$x'", "b'***' $'***'"],
    ['in base64', 'correct horse', 'Basic Y29ycmVjdCBob3JzZQ==', 'Basic ***'],
    ['in base64 without padding', 'correct horse', 'x Y29ycmVjdCBob3JzZQ y', 'x *** y'],
    ['percent-encoded in small letters', 'p ß&w/x', `q=${encodeURIComponent('p ß&w/x').toLowerCase()}&y`, 'q=***&y'],
    ['in the middle of anything, when it is long', '3f2a9c0d-1e4b-5a67', 'x3f2a9c0d-1e4b-5a67y', 'x***y'],
    ['with the signs of a pattern', '(x+)[y]{2}|$', 'a (x+)[y]{2}|$ b', 'a *** b'],
    ['beside punctuation', 'hunter22', 'user:hunter22@host', 'user:***@host'],
    ['more than once', 'hunter22', 'hunter22, hunter22', '***, ***'],
  ])('masks a secret %s', (_, secret, text, masked) => {
    expect(maskSecrets(text, [secret])).toBe(masked)
  })

  it.each(['hunter2x', 'correct horse', 'pä$$word'])('masks it in the base64 of a longer text: %s', (secret) => {
    for (const before of ['', 'o', 'op', 'ops:', 'user@pve!ci=']) {
      const text = Buffer.from(`${before}${secret}, and more`).toString('base64')
      const masked = maskSecrets(`Basic ${text}`, [secret])
      expect(masked).toMatch(/^Basic [A-Za-z0-9+/]*\*\*\*[A-Za-z0-9+/=]*$/)
      expect(Buffer.from(masked.slice(6).split('***')[0] ?? '', 'base64').toString()).not.toContain(secret.slice(0, 2))
    }
  })

  it('masks any secret, between any other characters', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 4, unit: 'grapheme' }), (raw) => {
        const secret = raw.trim()
        fc.pre(secret.length >= 4 && secret.isWellFormed() && !secret.includes('*') && !/[\r\n]/.test(secret))
        const ascii = JSON.stringify(secret).replace(/[^ -~]/g, (unit) => `\\u${hexOf(unit)}`)
        const twice = encodeURIComponent(encodeURIComponent(secret))
        for (const form of [secret, encodeURIComponent(secret), twice, JSON.stringify(secret), ascii])
          expect(maskSecrets(`<< ${form} >>`, [secret])).toMatch(/^<< "?\*\*\*"? >>$/)
      }),
      { numRuns: 200 },
    )
  })

  it.each([
    ['other', 'another machine of others'],
    ['pass', 'compass and password'],
    ['abc', 'abc is too short to be told from a word'],
    ['root', 'chroot'],
    ['', 'nothing'],
  ])('does not mask %j inside a word, nor a secret that is too short', (secret, text) => {
    expect(maskSecrets(text, [secret])).toBe(text)
  })

  it('masks the longest first, and each line of a secret with several lines', () => {
    expect(maskSecrets('topsecret-2 and topsecret', ['topsecret', 'topsecret-2'])).toBe('*** and ***')
    expect(maskSecrets('BEGIN-LINE or END-LINE', ['BEGIN-LINE\nEND-LINE'])).toBe('*** or ***')
  })

  it('masks the texts of a document, and leaves keys, numbers and structure', () => {
    const masker = createMasker()
    masker.hide('kind', 'hunter22', undefined)
    expect(masker.maskValues({ kind: 'create', why: 'hunter22', list: ['hunter22', 4], none: null })).toEqual({
      kind: 'create',
      why: '***',
      list: ['***', 4],
      none: null,
    })
  })

  it.each([
    ['with the same beginning', 'secret-number-', (index: number) => `secret-number-${index}`],
    ['that are random', 'An ordinary sentence about 1e-4b of web-1, 0x7365. ', () => randomUUID()],
    ['with other characters', 'Ünd ä sentence <p> "\\u00e4", %2F ', (index: number) => `"ä<${index * 7919}>€/`],
  ])('takes no time on a long text with many secrets %s', (_, text, secretOf) => {
    const masker = createMasker()
    for (let index = 0; index < 300; index += 1) masker.hide(secretOf(index))
    const before = process.cpuUsage().user
    masker.mask(text.repeat(300_000 / text.length))
    expect(process.cpuUsage().user - before).toBeLessThan(3_000_000)
  })
})
