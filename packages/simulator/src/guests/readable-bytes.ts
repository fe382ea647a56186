// Formats amounts of data as task logs do.

/** `0.0 B`, `6.2 MiB`, `1.0 GiB`. */
export function readableBytes(bytes: number): string {
  let value = bytes
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${value.toFixed(1)} ${units[unit]}`
}
