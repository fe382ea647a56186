// What Proxmox and the vendors say: the connection, and whether they have what the whole manifest needs.
import { type Desired, ProvisionError } from '@pve-provision/core'
import { type Check, checksOf, type Facts, makePlan } from '@pve-provision/core/advanced'
import type { Finding } from './finding.ts'

/** Which step of the connection failed; those before it went well. */
export function connectionFailure({ code, message, hint }: ProvisionError): Finding {
  const names: Partial<Record<typeof code, string>> = {
    TLS: 'certificate',
    AUTHENTICATION: 'token',
    PERMISSION: 'privileges',
  }
  return { name: names[code] ?? 'connection', ok: false, message, ...(hint && { remedy: [hint] }) }
}

export function clusterFindings({ cluster }: Facts): readonly Finding[] {
  const offline = cluster.nodes.filter((node) => !node.online).map(({ name }) => name)
  const online = cluster.nodes.filter((node) => node.online).map(({ name }) => name)
  const down = offline.length === 0 ? '' : `; offline: ${offline.join(', ')}`
  return [
    { name: 'connection', ok: true, message: `${cluster.endpoint} answers` },
    { name: 'certificate', ok: true, message: 'is the one that is trusted' },
    { name: 'token', ok: true, message: `${cluster.identity ?? 'it'} is known` },
    { name: 'version', ok: true, message: `Proxmox VE ${cluster.version.text}; nodes ${online.join(', ')}${down}` },
  ]
}

/** As if nothing were there yet: what the whole manifest needs, not only what is lacking today. */
export function manifestFindings(desired: Desired, cluster: Facts): readonly Finding[] {
  const facts = { ...cluster, guests: [], volumes: new Map() }
  const { steps } = makePlan(desired, facts)
  const checks = checksOf({ desired, facts, steps, verdicts: new Map() })
  return [...imageFindings(cluster), ...checks.flatMap((check) => checkFindings(check, desired))]
}

function imageFindings({ images }: Facts): readonly Finding[] {
  return [...images].map(([name, image]): Finding => {
    if (!(image instanceof ProvisionError))
      return { name: `image ${name}`, ok: true, message: `${image.digest.slice(0, 19)}…, signature ${image.signature}` }
    return { name: `image ${name}`, ok: false, message: image.message, ...(image.hint && { remedy: [image.hint] }) }
  })
}

function checkFindings({ about, problems }: Check, desired: Desired): readonly Finding[] {
  if (problems.length > 0)
    return problems.map(({ message, hint }) => ({ name: about, ok: false, message, remedy: hint.split('\n') }))
  // Which version it is has been told with the connection.
  return about === 'version' ? [] : [{ name: about, ok: true, message: inOrder(about, desired) }]
}

function inOrder(about: Exclude<Check['about'], 'version'>, { machines }: Desired): string {
  const storages = machines.flatMap(({ storage }) => [storage.images, storage.disks])
  const bridges = machines.flatMap(({ networks }) => networks.map(({ bridge }) => bridge))
  const words: Record<Exclude<Check['about'], 'version'>, string> = {
    nodes: named(
      machines.flatMap(({ nodes }) => nodes),
      'online',
    ),
    pools: named(
      machines.flatMap(({ pool }) => pool ?? []),
      'there, as far as the token may see',
    ),
    storages: named(storages, 'active, with the content types that are needed'),
    bridges: named(bridges, 'there, as far as the token may see'),
    space: 'what is to come fits',
    privileges: 'the token has what the manifest needs',
  }
  return words[about]
}

function named(names: readonly string[], state: string): string {
  if (names.length === 0) return 'none are named in the manifest'
  return `${[...new Set(names)].sort((one, other) => one.localeCompare(other)).join(', ')}: ${state}`
}
