// Formats a size as the manifest writes it, so that users can copy it.

const MEBIBYTE = 1024 ** 2
const UNITS = ['MiB', 'GiB', 'TiB'] as const

/** `20 GiB`, `2252 MiB`: uses the largest unit that gives an integer. Parts of a MiB are rounded up. */
export function sizeText(bytes: number): string {
  let amount = Math.ceil(bytes / MEBIBYTE)
  let unit = 0
  while (amount > 0 && amount % 1024 === 0 && unit < UNITS.length - 1) {
    amount /= 1024
    unit += 1
  }
  return `${amount} ${UNITS[unit]}`
}
