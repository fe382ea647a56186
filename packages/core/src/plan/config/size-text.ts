// A size as the manifest writes it, so that what is told can be copied there.

const MEBIBYTE = 1024 ** 2
const UNITS = ['MiB', 'GiB', 'TiB'] as const

/** `20 GiB`, `2252 MiB`: in the largest unit of which it is a whole number; what is no whole MiB is rounded up. */
export function sizeText(bytes: number): string {
  let amount = Math.ceil(bytes / MEBIBYTE)
  let unit = 0
  while (amount > 0 && amount % 1024 === 0 && unit < UNITS.length - 1) {
    amount /= 1024
    unit += 1
  }
  return `${amount} ${UNITS[unit]}`
}
