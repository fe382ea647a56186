// How many connections an image gets on simulated lines.
import { describe, expect, it } from 'vitest'
import { createPacer } from '../../../../src/ports/http/download/pacer.ts'

const MIB = 1024 * 1024

/** Runs a pacer for `seconds` on a line that gives each of `n` connections `rateOf(n)` bytes a second. */
function widthsOver(seconds: number, rateOf: (connections: number) => number, most = 8, load = 0.3): readonly number[] {
  const pacer = createPacer({ most, settleMs: 500, measureMs: 500, load: () => load })
  const widths = [1]
  let open = 0
  for (let nowMs = 0; nowMs < seconds * 1000; nowMs += 10) {
    for (; open < pacer.width(); open += 1) pacer.opened(nowMs)
    for (; open > pacer.width(); open -= 1) pacer.closed(nowMs)
    pacer.count(rateOf(open) * open * 0.01, nowMs)
    if (pacer.width() !== widths.at(-1)) widths.push(pacer.width())
  }
  return widths
}

describe('pacer', () => {
  it('doubles as long as each connection stays as fast', () => {
    expect(widthsOver(10, () => 12 * MIB)).toEqual([1, 2, 4, 8])
    expect(widthsOver(10, () => 12 * MIB, 6)).toEqual([1, 2, 4, 6])
    expect(widthsOver(10, () => 12 * MIB, 1)).toEqual([1])
  })

  it('goes back where connections share a full line, and tries again less and less often', () => {
    const full = (connections: number): number => (20 * MIB) / connections
    expect(widthsOver(5, full)).toEqual([1, 2, 1])
    expect(widthsOver(9, full)).toEqual([1, 2, 1, 2, 1])
    expect(widthsOver(18, full)).toEqual([1, 2, 1, 2, 1, 2, 1])
  })

  it('comes back from a moment in which everything was slow', () => {
    let asked = 0
    const disturbed = (): number => {
      asked += 1
      return asked > 100 && asked < 300 ? 2 * MIB : 12 * MIB
    }
    expect(widthsOver(12, disturbed)).toEqual([1, 2, 1, 2, 4, 8])
  })

  it('stops where the line fills up', () => {
    expect(widthsOver(5, (connections) => Math.min(12, 30 / connections) * MIB)).toEqual([1, 2, 4, 2])
  })

  it('takes no more where this process is the limit', () => {
    expect(widthsOver(10, () => 40 * MIB, 8, 0.98)).toEqual([1, 2])
    expect(widthsOver(10, () => 2 * MIB, 8, 0.98)).toEqual([1, 2, 4, 8])
  })

  it('does not add connections to a server that is already fast', () => {
    expect(widthsOver(10, () => 80 * MIB)).toEqual([1])
  })
})
