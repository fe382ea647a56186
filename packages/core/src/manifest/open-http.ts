// Detects addresses whose content anyone on the network could change.

/** Returns true for plain http to another host. */
export function isOpenHttp({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)
}
