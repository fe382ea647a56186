// Parses `NO_PROXY`: hosts and their subdomains, `host:port`, addresses, networks, `*`.
import { BlockList, isIP } from 'node:net'

/** Returns true if the URL must not go through a proxy. @param noProxy entries separated by commas or spaces */
export function isExempt(url: URL, noProxy: string): boolean {
  return noProxy.split(/[\s,]+/).some((entry) => exempts(entry.toLowerCase(), url))
}

function exempts(entry: string, url: URL): boolean {
  if (entry === '') return false
  if (entry === '*') return true
  const host = bareHost(url.hostname)
  const [, name = '', port] = /^(.*?)(?::(\d+))?$/.exec(isIP(entry) === 6 ? `[${entry}]` : entry) ?? []
  if (port !== undefined && port !== (url.port || (url.protocol === 'https:' ? '443' : '80'))) return false
  const wanted = bareHost(name).replace(/^\*?\./, '')
  return host === wanted || (isIP(host) === 0 && host.endsWith(`.${wanted}`)) || inNetwork(wanted, host)
}

function inNetwork(network: string, host: string): boolean {
  const [address = '', prefix] = network.split('/')
  const family = isIP(address)
  if (prefix === undefined || family === 0 || isIP(host) !== family) return false
  const list = new BlockList()
  list.addSubnet(address, Number(prefix), family === 6 ? 'ipv6' : 'ipv4')
  return list.check(host, family === 6 ? 'ipv6' : 'ipv4')
}

/** Returns the host name without the brackets of an IPv6 address: `[::1]` becomes `::1`. */
export function bareHost(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1')
}
