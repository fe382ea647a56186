// Reads a body into a sink. It reads in place if the framing allows that.
import { createChunkedDecoder } from './chunked.ts'
import type { Framing } from './response-head.ts'
import type { Taken } from './wire.ts'

/** Receives a body. `wait` means no more bytes until `ready()` resolves. `enough` means that the rest is not wanted. */
export interface BodySink {
  /**
   * Returns memory for the next bytes. It is never empty, and after `wait` there is still room for at least 128 KiB.
   */
  target(): Uint8Array
  /** Reports that this many bytes are in the target. It throws to abort. */
  commit(count: number): SinkAnswer
  ready(): Promise<void>
}

export type SinkAnswer = 'more' | 'wait' | 'enough'
export type BodyEnd = 'whole' | 'stopped'

export interface Body {
  isWhole(): boolean
  target(): Uint8Array | undefined
  take(bytes: Uint8Array, isInPlace: boolean): Taken<BodyEnd>
}

export function createBody(framing: Framing, sink: BodySink): Body {
  let remaining = framing.kind === 'length' ? framing.bytes : Number.POSITIVE_INFINITY
  const decoder = framing.kind === 'chunked' ? createChunkedDecoder() : undefined

  function takeChunked(bytes: Uint8Array): Taken<BodyEnd> {
    let answer: SinkAnswer = 'more'
    const hasEnded = decoder?.push(bytes, (data) => {
      if (answer !== 'enough') answer = strongest(answer, copy(sink, data))
    })
    return hasEnded === true ? { value: 'whole' } : taken(answer)
  }

  function taken(answer: SinkAnswer): Taken<BodyEnd> {
    if (remaining === 0) return { value: 'whole' }
    if (answer === 'more') return answer
    return answer === 'wait' ? { until: sink.ready() } : { value: 'stopped' }
  }

  return {
    isWhole: () => remaining === 0,
    target: () => (decoder === undefined ? sink.target() : undefined),
    take(bytes, isInPlace) {
      if (decoder !== undefined) return takeChunked(bytes)
      const count = Math.min(bytes.length, remaining)
      const answer = isInPlace ? sink.commit(count) : copy(sink, bytes.subarray(0, count))
      remaining -= count
      const result = taken(answer)
      return count < bytes.length && typeof result === 'object' && 'value' in result
        ? { ...result, rest: bytes.subarray(count) }
        : result
    },
  }
}

function copy(sink: BodySink, bytes: Uint8Array): SinkAnswer {
  let answer: SinkAnswer = 'more'
  for (let at = 0; at < bytes.length && answer !== 'enough'; ) {
    const target = sink.target()
    const count = Math.min(target.length, bytes.length - at)
    target.set(bytes.subarray(at, at + count))
    answer = strongest(answer, sink.commit(count))
    at += count
  }
  return answer
}

function strongest(one: SinkAnswer, other: SinkAnswer): SinkAnswer {
  return other === 'more' ? one : other
}
