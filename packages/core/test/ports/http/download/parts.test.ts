// Dividing a file into parts: no part is downloaded twice, and none is left out.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createParts, type Part } from '../../../../src/ports/http/download/parts.ts'
import { createSpans } from '../../../../src/ports/http/download/spans.ts'
import type { FileSink } from '../../../../src/ports/http/wire/file-sink.ts'

interface FakeSink extends FileSink {
  advance(bytes: number): void
}

function sinkFor({ from, end }: Part): FakeSink {
  let position = from
  let limit = end
  return {
    advance: (bytes) => {
      position = Math.min(limit, position + bytes)
    },
    position: () => position,
    end: () => limit,
    answerEnd: end,
    limitTo: (next) => {
      limit = Math.max(position, Math.min(end, next))
    },
    target: () => new Uint8Array(1),
    commit: () => 'more',
    ready: () => Promise.resolve(),
    finish: () => Promise.resolve(),
  }
}

describe('parts', () => {
  it('leave the first connection a part and give out the rest in order', () => {
    const parts = createParts(100)
    const first = sinkFor({ from: 0, end: 1000 })
    parts.enter(first)
    first.advance(50)
    expect(parts.take()).toEqual({ from: 150, end: 250 })
    expect(parts.take()).toEqual({ from: 250, end: 350 })
    expect(first.end()).toBe(150)
  })

  it('halve what is left at the end, until it is not worth a request', () => {
    const parts = createParts(100)
    const only = sinkFor({ from: 0, end: 90 })
    parts.enter(only)
    expect(parts.take()).toEqual({ from: 45, end: 90 })
    only.advance(25)
    expect(parts.take()).toBeUndefined()
  })

  it('are taken by the previous connection when there is no other', () => {
    const parts = createParts(100)
    const first = sinkFor({ from: 0, end: 1000 })
    parts.enter(first)
    const part = parts.take()
    expect(first.end()).toBe(100)
    parts.putBack(part ?? { from: 0, end: 0 })
    expect(first.end()).toBe(1000)
    first.advance(1000)
    parts.leave(first)
    expect(parts.isComplete()).toBe(true)
  })

  it('include again what a broken connection did not deliver', () => {
    const parts = createParts(100)
    const sink = sinkFor({ from: 0, end: 100 })
    parts.enter(sink)
    sink.advance(30)
    parts.leave(sink)
    expect(parts.isComplete()).toBe(false)
    expect(parts.take()).toEqual({ from: 30, end: 100 })
  })

  it('cover the file exactly once whatever the order of events', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.array(fc.tuple(fc.nat(4), fc.nat(300), fc.boolean())),
        (size, events) => {
          const parts = createParts(200)
          const covered = createSpans()
          let total = 0
          const first = sinkFor({ from: 0, end: size })
          parts.enter(first)
          const sinks: { sink: FakeSink; from: number }[] = [{ sink: first, from: 0 }]
          const leave = (at: number): void => {
            const [entry] = sinks.splice(at, 1)
            if (entry === undefined) return
            covered.add(entry.from, entry.sink.position())
            total += entry.sink.position() - entry.from
            parts.leave(entry.sink)
          }
          const take = (): boolean => {
            const part = parts.take()
            if (part === undefined) return false
            const sink = sinkFor(part)
            if (part.from % 7 === 0 && sinks.length > 0) {
              parts.putBack(part)
              return true
            }
            parts.enter(sink)
            sinks.push({ sink, from: part.from })
            return true
          }
          for (const [at, bytes, breaks] of events) {
            if (sinks[at] === undefined) take()
            sinks[at]?.sink.advance(bytes)
            if (breaks) leave(at)
          }
          while (sinks.length > 0 || take()) {
            sinks[0]?.sink.advance(size)
            leave(0)
          }
          expect(parts.isComplete()).toBe(true)
          expect(covered.prefix()).toBe(size)
          expect(total).toBe(size)
        },
      ),
    )
  })
})
