// NoCloud documents of a machine that brings its own: those it has, and the others made from its declaration.
import type { Address, CloudInit, Machine } from '../../manifest/manifest.ts'
import { hash16 } from '../names.ts'
import { passwordHash } from './password-hash.ts'

export interface SeedDocuments {
  readonly userData: string
  readonly metaData: string
  readonly vendorData: string
  /** Absent where nothing is declared: cloud-init then asks for an address on its own. */
  readonly networkConfig?: string
}

/** Whether any cloud-init document is the manifest's own: then a CD of ours holds them all. */
export function hasOwnDocuments(cloudInit: CloudInit | undefined): boolean {
  const { userData, networkConfig, vendorData } = cloudInit ?? {}
  return [userData, networkConfig, vendorData].some((document) => document !== undefined)
}

/** The documents for a machine's CD; nothing when it needs none of ours. They may hold its password. */
export function seedDocuments(machine: Machine, project: string): SeedDocuments | undefined {
  const { cloudInit, name } = machine
  if (cloudInit === undefined || !hasOwnDocuments(cloudInit)) return undefined
  // Another instance id makes cloud-init run anew, which is what changed documents are for.
  const metaData = `instance-id: ${name}-${documentsHash(machine, project)}\nlocal-hostname: ${name}\n`
  return { ...documentsOf(machine, { cloudInit, project }), metaData }
}

/** `web-seed-3f2a9c0d1e4b5a67.iso`: the file on an ISO storage, whose name says its content; nothing when none is needed. */
export function seedVolume(machine: Machine, project: string): string | undefined {
  return hasOwnDocuments(machine.cloudInit) ? `${machine.name}-seed-${documentsHash(machine, project)}.iso` : undefined
}

/**
 * The MACs of a machine whose network configuration we write: it names cards by MAC, which must then be known before
 * the machine is made. Locally administered, from project, name and position.
 */
export function seedMacs({ name, networks, cloudInit }: Machine, project: string): readonly (string | undefined)[] {
  const ours = hasOwnDocuments(cloudInit) && cloudInit?.networkConfig === undefined
  return networks.map(({ mac }, index) => mac ?? (ours ? macOf(`${project}/${name}/${index}`) : undefined))
}

function macOf(text: string): string {
  const bytes = hash16(text).slice(0, 10).match(/../g) ?? []
  return ['02', ...bytes].join(':').toUpperCase()
}

interface Making {
  readonly cloudInit: CloudInit
  readonly project: string
}

/** The name must not tell a password to whoever can list a storage, so a slow hash stands for it. */
function documentsHash(machine: Machine, project: string): string {
  const { password, ...rest } = machine.cloudInit as CloudInit
  const cloudInit = password === undefined ? rest : { ...rest, password: passwordHash(password, project) }
  return hash16(JSON.stringify([project, machine.name, documentsOf(machine, { cloudInit, project })]))
}

function documentsOf(machine: Machine, { cloudInit, project }: Making): Omit<SeedDocuments, 'metaData'> {
  const declared = accountsOf(cloudInit)
  const networkConfig = cloudInit.networkConfig ?? networkDocument(machine, { cloudInit, project })
  return {
    userData: cloudInit.userData ?? cloudConfig(declared),
    // cloud-init lays user data over vendor data, so what the manifest declares holds beside a user's own document.
    vendorData: cloudInit.vendorData ?? cloudConfig(cloudInit.userData === undefined ? {} : declared),
    ...(networkConfig !== undefined && { networkConfig }),
  }
}

/** JSON is YAML, and needs no quoting rules. */
function cloudConfig(content: Readonly<Record<string, unknown>>): string {
  return `#cloud-config\n${JSON.stringify(content, null, 2)}\n`
}

function accountsOf({ user, password, sshKeys, upgrade }: CloudInit): Readonly<Record<string, unknown>> {
  return {
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password, chpasswd: { expire: false } }),
    ...(sshKeys.length > 0 && { ssh_authorized_keys: sshKeys }),
    ...(upgrade !== undefined && { package_upgrade: upgrade }),
  }
}

function networkDocument(machine: Machine, { cloudInit, project }: Making): string | undefined {
  const { addresses, nameservers, searchDomains } = cloudInit
  if (addresses.length === 0) return undefined
  const dns = {
    ...(nameservers.length > 0 && { addresses: nameservers }),
    ...(searchDomains.length > 0 && { search: searchDomains }),
  }
  const macs = seedMacs({ ...machine, cloudInit }, project)
  const cards = addresses.map((address, index) => {
    const macaddress = macs[index]?.toLowerCase()
    return [`net${index}`, { ...(macaddress && { match: { macaddress } }), ...cardOf(address), nameservers: dns }]
  })
  return `${JSON.stringify({ version: 2, ethernets: Object.fromEntries(cards) }, null, 2)}\n`
}

function cardOf({ ip, gateway, ip6, gateway6 }: Address): Readonly<Record<string, unknown>> {
  const fixed = [ip, ip6].filter((address) => address?.includes('/'))
  const routes = [
    ...(gateway === undefined ? [] : [{ to: '0.0.0.0/0', via: gateway }]),
    ...(gateway6 === undefined ? [] : [{ to: '::/0', via: gateway6 }]),
  ]
  return {
    dhcp4: ip === 'dhcp',
    dhcp6: ip6 === 'dhcp',
    ...(ip6 === 'auto' && { 'accept-ra': true }),
    ...(fixed.length > 0 && { addresses: fixed }),
    ...(routes.length > 0 && { routes }),
  }
}
