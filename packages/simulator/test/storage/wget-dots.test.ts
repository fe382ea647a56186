// wget's dots: as recorded from Proxmox for a small file, and line by line for a large one.
import { describe, expect, it } from 'vitest'
import { createDots } from '../../src/storage/wget-dots.ts'

const MIB = 1024 ** 2

function linesFor(totalMiB: number, total: number | undefined = totalMiB * MIB): readonly string[] {
  const lines: string[] = []
  const dots = createDots(total, (line) => lines.push(line))
  for (let mib = 0; mib < totalMiB; mib += 1) dots.add(MIB)
  dots.end()
  return lines
}

describe('dots', () => {
  it('are one line for a small file, as in the log of Proxmox', () => {
    expect(linesFor(8)).toEqual([expect.stringMatching(/^ {5}0K \.{8} {27}100% *\d+M=\d+\.\d+s$/)])
  })

  it('are one line per 32 MiB, with the percentage so far', () => {
    const lines = linesFor(80)
    expect(lines).toHaveLength(3)
    expect(lines[0]).toMatch(/^ {5}0K \.{8} \.{8} \.{8} \.{8} 40% *\d+M \d+s$/)
    expect(lines[1]).toMatch(/^ 32768K .* 80% *\d+M \d+s$/)
    expect(lines[2]).toMatch(/^ 65536K \.{8} \.{8} {18}100% *\d+M=/)
  })

  it('show no percentage where the length is unknown', () => {
    expect(linesFor(40, 0)[0]).toMatch(/^ {5}0K [. ]{35} {4} *\d+M$/)
  })
})
