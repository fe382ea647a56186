/**
 * Compares names so that `web-2` is before `web-10`. An `Intl.Collator` would do the same, but loading it takes as long
 * as ten requests. Returns a negative number, zero or a positive number, as `sort` needs it.
 */
export function compareNames(one: string, other: string): number {
  const [key, otherKey] = [keyOf(one), keyOf(other)]
  if (key === otherKey) return 0
  return key < otherKey ? -1 : 1
}

function keyOf(name: string): string {
  return name.toLowerCase().replaceAll(/\d+/g, (digits) => digits.padStart(16, '0'))
}
