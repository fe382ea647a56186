// Tests foreign text in the log with a reader that splits lines like the runner and like terminals.
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { annotate, debug, group, say, warning } from '../src/log.ts'
import { parseCommand } from './support/runner.ts'

let written = ''
beforeEach(() => {
  written = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    written += String(chunk)
    return true
  })
})
afterEach(() => vi.restoreAllMocks())

// biome-ignore lint/suspicious/noControlCharactersInRegex: they end a line for some readers
const ANY_END = /\r\n|[\n\r\u000b\u000c\u0085\u2028\u2029]/
const END_OF_RUNNER = /\r\n|[\n\r]/

/** Returns the names of the workflow commands in the output. */
function commands(end = END_OF_RUNNER): readonly string[] {
  const lines = written.split(end).map((line) => line.split(ANY_END).join(' '))
  return lines.flatMap((line) => parseCommand(line)?.name ?? (line.includes('##[') ? ['##['] : []))
}

const ENDS = ['\r', '\n', '\r\n', '\u0085', '\u2028', '\u2029', '\u000b', '\u000c']
const hostile = fc
  .array(
    fc.constantFrom(
      ...ENDS,
      '::',
      '::stop-commands::x',
      '::add-mask::a',
      '##[',
      '##[group]',
      ' ',
      '\t',
      '\u200b',
      '\ufeff',
      '%0A',
      'a',
      ':',
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''))

describe('foreign text in the log', () => {
  it.each(ENDS)('starts no command after %j', (end) => {
    say(`boom${end}::stop-commands::x${end}  ::add-matcher::y`)
    expect(commands(ANY_END)).toEqual([])
  })

  it('of any kind starts no command but ours, in each place where it may stand', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        written = ''
        say(text)
        expect(commands(ANY_END)).toEqual([])
        for (const [show, names] of [
          [() => debug(text), ['debug']],
          [() => warning(text, text), ['warning']],
          [() => annotate(text, text, { file: text, line: 1 }), ['error']],
          [() => group(text, [text]), ['group', 'endgroup']],
        ] as const) {
          written = ''
          show()
          expect(commands()).toEqual(names)
        }
      }),
      { numRuns: 500 },
    )
  })
})
