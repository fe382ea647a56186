// Path patterns with `*` for one segment and `**` for any number of segments, for faults and tests.

export function pathPattern(glob: string): RegExp {
  const escaped = glob
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replace(/\*\*|\*/g, (star) => (star === '**' ? '.*' : '[^/]*'))
  return new RegExp(`^${escaped}$`)
}
