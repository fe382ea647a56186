// A place in a file, stored as an offset. Line and column are computed only on request.
import type { LineCounter } from 'yaml'
import type { Position } from '../manifest.ts'

export interface Place {
  readonly file: string
  readonly offset: number
  readonly lines: LineCounter
}

/** Returns line and column, both starting at 1. */
export function positionOf({ file, offset, lines }: Place): Position {
  const { line, col } = lines.linePos(offset)
  return { file, line: Math.max(line, 1), column: Math.max(col, 1) }
}
