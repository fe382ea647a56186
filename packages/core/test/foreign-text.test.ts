import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProvisionError } from '../src/errors.ts'
import { cleanText } from '../src/foreign-text.ts'

describe('foreign text', () => {
  it.each([
    ['a workflow command behind a lone carriage return', 'boom\r::stop-commands::tok', 'boom ::stop-commands::tok'],
    ['a next-line character', 'a\u0085::set-output::b', 'a ::set-output::b'],
    ['a line separator', 'a\u2028b\u2029c', 'a b c'],
    ['colours', '\u001b[31mred\u001b[0m', 'red'],
    ['a C1 sequence', '\u009b2Jgone', 'gone'],
    ['a window title', '\u001b]0;title\u0007text', 'text'],
    ['a link of a terminal', '\u001b]8;;http://x\u001b\\shown\u001b]8;;\u001b\\', 'shown'],
    ['a sequence without its end', 'a\u001b[', 'a'],
    ['a turned direction', 'safe\u202egnp.exe', 'safegnp.exe'],
    ['half a character', 'a\ud800b', 'a\ufffdb'],
    ['what is plain', "can't lock file – ümläut €", "can't lock file – ümläut €"],
  ])('is shown without %s', (_, text, shown) => {
    expect(cleanText(text)).toBe(shown)
  })

  it('keeps line breaks where that is requested, and no other control character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern matches control characters on purpose
        expect(cleanText(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/)
        // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
        expect(cleanText(text, { lines: true })).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]/)
      }),
    )
  })

  it('is cut, and takes no time however long it is', () => {
    const long = '\u001b]'.repeat(2_000_000)
    const before = process.cpuUsage().user
    expect(cleanText(long).length).toBeLessThan(17_000)
    expect(process.cpuUsage().user - before).toBeLessThan(1_000_000)
  })

  it('in an error is cleaned when the error is created', () => {
    const error = new ProvisionError('PVE', 'Proxmox says \u001b[2Jboom\r::error::x', { hint: 'a\u0007\nb' })
    expect(error.message).toBe('Proxmox says boom\n::error::x')
    expect(error.hint).toBe('a\nb')
  })
})
