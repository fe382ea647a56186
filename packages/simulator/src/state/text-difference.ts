// The difference between two texts in unified format, with three lines around each change, like `diff -u`.

interface Line {
  readonly sign: ' ' | '-' | '+'
  readonly text: string
}

const around = 3

/** Returns the parts that differ, without a heading. Empty if the texts are the same. */
export function differenceOf(before: string, after: string): string {
  const lines = compared(linesOf(before), linesOf(after))
  const near = lines.map((_, index) =>
    lines.slice(Math.max(0, index - around), index + around + 1).some(({ sign }) => sign !== ' '),
  )
  let text = ''
  for (let start = near.indexOf(true); start !== -1; ) {
    const stop = near.indexOf(false, start)
    const end = stop === -1 ? lines.length : stop
    text += part(lines, start, end)
    start = near.indexOf(true, end)
  }
  return text
}

const linesOf = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'))

function part(lines: readonly Line[], start: number, end: number): string {
  const count = (from: number, to: number, skipped: '-' | '+'): number =>
    lines.slice(from, to).filter(({ sign }) => sign !== skipped).length
  const range = (skipped: '-' | '+'): string => {
    const [before, length] = [count(0, start, skipped), count(start, end, skipped)]
    return length === 1 ? String(before + 1) : `${length === 0 ? before : before + 1},${length}`
  }
  const body = lines.slice(start, end).map(({ sign, text }) => `${sign}${text}\n`)
  return `@@ -${range('+')} +${range('-')} @@\n${body.join('')}`
}

/** Marks each line as kept, removed or added, with as many kept as possible. */
function compared(before: readonly string[], after: readonly string[]): Line[] {
  const kept = Array.from({ length: before.length + 1 }, () => Array.from({ length: after.length + 1 }, () => 0))
  const at = (i: number, j: number): number => kept[i]?.[j] ?? 0
  for (let i = before.length - 1; i >= 0; i--) {
    const row = kept[i] ?? []
    for (let j = after.length - 1; j >= 0; j--) {
      row[j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  }
  const lines: Line[] = []
  for (let i = 0, j = 0; i < before.length || j < after.length; ) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      lines.push({ sign: ' ', text: before[i++] ?? '' })
      j++
    } else if (i < before.length && (j === after.length || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ sign: '-', text: before[i++] ?? '' })
    } else lines.push({ sign: '+', text: after[j++] ?? '' })
  }
  return lines
}
