// Where something stands in a file, kept as an offset until somebody asks for line and column.
import type { LineCounter } from 'yaml'
import type { Position } from '../manifest.ts'

export interface Place {
  readonly file: string
  readonly offset: number
  readonly lines: LineCounter
}

/** Line and column, both from one. */
export function positionOf({ file, offset, lines }: Place): Position {
  const { line, col } = lines.linePos(offset)
  return { file, line: Math.max(line, 1), column: Math.max(col, 1) }
}
