// What `NO_PROXY` exempts: hosts and what lies below them, `host:port`, addresses, networks, `*`.
import { BlockList, isIP } from 'node:net'

/** @param noProxy entries between commas or blanks */
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

/** `[::1]` without its brackets. */
export function bareHost(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1')
}
