// Paths with `*` for one segment and `**` for any number of them, as faults and tests name requests.

export function pathPattern(glob: string): RegExp {
  const escaped = glob
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replace(/\*\*|\*/g, (star) => (star === '**' ? '.*' : '[^/]*'))
  return new RegExp(`^${escaped}$`)
}
