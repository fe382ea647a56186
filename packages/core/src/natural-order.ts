/**
 * Compares names so that `web-2` is before `web-10`. An `Intl.Collator` would do the same, but loading it takes as long
 * as ten requests. Returns a negative number, zero or a positive number, as `sort` needs it.
 */
export function compareNames(one: string, other: string): number {
  return compareKeys(keyOf(one), keyOf(other))
}

/** Sorts by name in this order, and names that are equal by number. */
export function sortByName<Item>(
  items: readonly Item[],
  nameOf: (item: Item) => string,
  numberOf: (item: Item) => number,
): readonly Item[] {
  if (items.length < 2) return items
  // The key of a name is computed once, not for each comparison.
  return items
    .map((item) => ({ item, key: keyOf(nameOf(item)) }))
    .sort((one, other) => compareKeys(one.key, other.key) || numberOf(one.item) - numberOf(other.item))
    .map(({ item }) => item)
}

function compareKeys(one: string, other: string): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}

function keyOf(name: string): string {
  return name.toLowerCase().replaceAll(/\d+/g, (digits) => digits.padStart(16, '0'))
}
