// Addresses whose answers anybody on the way could change.

/** Plain http to another machine. */
export function isOpenHttp({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)
}
