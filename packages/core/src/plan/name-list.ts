// Shortens lists of names: `db, worker-1…30 and 12 more`.

/** Formats names in order, with numbered sequences joined. Beyond `limit` parts, shows only how many more there are. */
export function nameList(names: readonly string[], limit = 4): string {
  const runs = runsOf(names)
  if (runs.length <= limit) return runs.map(textOf).join(', ')
  const shown = runs.slice(0, limit - 1)
  const left = names.length - shown.reduce((sum, { count }) => sum + count, 0)
  return `${shown.map(textOf).join(', ')} and ${left} more`
}

interface Run {
  readonly first: string
  readonly stem: string
  readonly from: number
  count: number
}

function runsOf(names: readonly string[]): readonly Run[] {
  const runs: Run[] = []
  for (const name of names) {
    // `web01` and `web02` are separate names, because the manifest does not count with leading zeros.
    const [, stem = name, digits = ''] = /^(.*\D)([1-9]\d*)$/.exec(name) ?? []
    const last = runs.at(-1)
    const follows =
      last !== undefined && digits !== '' && last.stem === stem && last.from + last.count === Number(digits)
    if (follows) last.count += 1
    else runs.push({ first: name, stem, from: digits === '' ? Number.NaN : Number(digits), count: 1 })
  }
  // Two names are as short as their range, so they are listed separately.
  return runs.flatMap((run) => (run.count === 2 ? [0, 1].map((at) => single(run, at)) : [run]))
}

function single({ stem, from }: Run, at: number): Run {
  return { first: `${stem}${from + at}`, stem, from: from + at, count: 1 }
}

function textOf({ first, from, count }: Run): string {
  return count === 1 ? first : `${first}…${from + count - 1}`
}
