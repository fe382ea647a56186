// Hosts file, name servers and time zone of a node (pve-manager `API2/Nodes.pm`, pve-common `INotify.pm`).
import { createHash } from 'node:crypto'
import { isIP } from 'node:net'
import { badParameters, failure } from '../../errors.ts'
import { type NodePlace, readResolver, readSystemFile, writeSystemFile } from '../../state/system-files.ts'
import type { Call, Endpoint } from '../call.ts'

const node = '/nodes/{node}'

export const systemEndpoints: readonly Endpoint[] = [
  { path: `${node}/hosts`, method: 'GET', handle: hosts },
  { path: `${node}/hosts`, method: 'POST', handle: writeHosts },
  { path: `${node}/dns`, method: 'GET', handle: (call) => readResolver(placeOf(call)) },
  { path: `${node}/dns`, method: 'PUT', handle: writeNameServers },
  { path: `${node}/time`, method: 'GET', handle: time },
  { path: `${node}/time`, method: 'PUT', handle: setTimeZone },
]

const placeOf = ({ world, node: name }: Call): NodePlace => ({
  root: world.root,
  node: name,
  ...(world.nodes.has(name) && { address: world.nodes.get(name)?.address ?? '' }),
})

function hosts(call: Call): { readonly data: string; readonly digest: string } {
  const data = readSystemFile(placeOf(call), 'hosts')
  return { data, digest: createHash('sha1').update(data).digest('hex') }
}

function writeHosts(call: Call): null {
  const data = call.text('data')
  const digest = call.optional('digest')
  if (digest && digest !== hosts(call).digest) {
    throw failure('detected modified configuration - file changed by other user? Try again.')
  }
  for (const line of data.split('\n').filter((one) => !/^\s*(?:#|$)/.test(one))) checkHost(line)
  writeSystemFile(placeOf(call), 'hosts', data)
  return null
}

/** Throws if a line is not an address and names. An indented line has an empty address. */
function checkHost(line: string): void {
  const [address = '', ...names] = line.replace(/\s+$/, '').split(/\s+/)
  if (isIP(address) === 0) throw badParameters({ data: `Invalid IP '${address}'` })
  const wrong = names.find((name) => !/^[.\-a-zA-Z0-9]+$/.test(name))
  if (wrong !== undefined) throw badParameters({ data: `Invalid Hostname '${wrong}'` })
}

const ofResolver = /^(?:search|domain|nameserver)\s+/

/** Replaces all name servers, also those that the call does not mention. */
function writeNameServers(call: Call): null {
  const place = placeOf(call)
  const servers = ['dns1', 'dns2', 'dns3'].map((key) => call.optional(key)).filter((one) => one && one !== '0.0.0.0')
  const search = call.text('search')
  const kept = readSystemFile(place, 'resolv.conf')
    .split('\n')
    .filter((line) => line !== '' && !ofResolver.test(line))
  const lines = [
    ...(search === '' ? [] : [`search ${search}`]),
    ...new Set(servers.map((server) => `nameserver ${server}`)),
    ...kept,
  ]
  writeSystemFile(place, 'resolv.conf', lines.map((line) => `${line}\n`).join(''))
  return null
}

function time(call: Call): Record<string, unknown> {
  const timezone = readSystemFile(placeOf(call), 'timezone').trim()
  const now = Math.floor(call.world.clock.now() / 1000)
  return { timezone, time: now, localtime: now + offsetSeconds(timezone, now) }
}

function offsetSeconds(timeZone: string, now: number): number {
  const format = new Intl.DateTimeFormat('sv', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
  return Date.parse(`${format.format(now * 1000).replace(' ', 'T')}Z`) / 1000 - now
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('sv', { timeZone: name }).format()
  } catch {
    return false
  }
  return /^[A-Z]/.test(name)
}

function setTimeZone(call: Call): null {
  const timezone = call.text('timezone')
  if (!isTimeZone(timezone)) throw badParameters({ timezone: 'No such timezone' })
  writeSystemFile(placeOf(call), 'timezone', `${timezone}\n`)
  return null
}
