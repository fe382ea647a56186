// Creates the cloud-init settings of one machine of an entry.
import type { Address, CloudInit, GuestDocument } from '../manifest.ts'
import type { MachineDocument } from '../schema/manifest-schema.ts'
import { addressAfter, type Counted, valueAt } from './counted.ts'
import { definedOnly } from './defined-only.ts'

export type CloudInitDocument = NonNullable<MachineDocument['cloudInit']>
export type AddressDocument = NonNullable<CloudInitDocument['addresses']>[number]

/** A document after `{ file }` was replaced by its content: text, or bytes if it is not text. */
export type DocumentValue = NonNullable<CloudInitDocument['userData']> | { readonly base64: string }

/** One of an entry's machines. */
export interface Numbered {
  readonly name: string
  /** Starts at 0. */
  readonly index: number
}

/** `{ file }` was replaced by the content of the file before. What remains is text, and addresses of keys. */
export function cloudInitOf(cloudInit: CloudInitDocument, machine: Numbered): CloudInit {
  const { user, password, sshKeys = [], dns, upgrade, userData, networkConfig, vendorData } = cloudInit
  const addresses = addressDocuments(cloudInit).map((address) => addressOf(address, machine.index))
  const content = (value: DocumentValue | undefined) => contentOf(value, { ...machine, addresses })
  return definedOnly({
    user,
    password,
    sshKeys: sshKeys.filter((key) => typeof key === 'string').map((key) => key.trim()),
    sshKeyUrls: sshKeys.flatMap((key) => (typeof key === 'object' && 'url' in key ? [new URL(key.url)] : [])),
    addresses,
    nameservers: dns?.servers ?? [],
    searchDomains: [...new Set([...(dns?.domain?.split(/[ ,]+/) ?? []), ...(dns?.domains ?? [])])],
    upgrade,
    userData: content(userData),
    networkConfig: textOf(content(networkConfig)),
    vendorData: content(vendorData),
  })
}

function textOf(document: GuestDocument | undefined): string | undefined {
  return typeof document === 'string' ? document : undefined
}

interface Filling extends Numbered {
  readonly addresses: readonly Address[]
}

/** A placeholder for a value of the machine, in documents that are filled in. */
export const MACHINE_PLACEHOLDER = /\$\{machine:([A-Za-z0-9_]+)\}/g

/** The names in `${machine:…}`. */
export const MACHINE_VALUES: Readonly<Record<string, (filling: Filling) => string>> = {
  name: ({ name }) => name,
  index: ({ index }) => String(index + 1),
  ip: ({ addresses }) => fixedAddress(addresses, 'ip'),
  ip6: ({ addresses }) => fixedAddress(addresses, 'ip6'),
}

/** Returns the first static address, without its prefix. Empty if the machine uses DHCP. */
function fixedAddress(addresses: readonly Address[], key: 'ip' | 'ip6'): string {
  return addresses.map((address) => address[key]?.split('/') ?? []).find(({ length }) => length === 2)?.[0] ?? ''
}

function contentOf(value: DocumentValue | undefined, filling: Filling): GuestDocument | undefined {
  if (value === undefined || typeof value === 'string' || 'base64' in value) return value
  if ('file' in value) return undefined
  return value.text.replace(MACHINE_PLACEHOLDER, (whole, key: string) => MACHINE_VALUES[key]?.(filling) ?? whole)
}

/** Returns one entry for each network card, in order. */
export function addressDocuments(cloudInit: CloudInitDocument): readonly AddressDocument[] {
  const { addresses, ip, gateway, ip6, gateway6, onLink } = cloudInit
  if (addresses) return addresses
  return ip || ip6 ? [{ ip, gateway, ip6, gateway6, onLink }] : []
}

/** A card that uses DHCP gets its gateway from there. A gateway in the defaults is for other machines. */
function addressOf({ ip, gateway, ip6, gateway6, onLink }: AddressDocument, index: number): Address {
  const isFixed = (value: Counted<string> | undefined) => value !== undefined && value !== 'dhcp' && value !== 'auto'
  const own = (counted: Counted<string> | undefined) =>
    counted === undefined ? undefined : valueAt(counted, index, addressAfter)
  return definedOnly({
    ip: own(ip),
    gateway: isFixed(ip) ? gateway : undefined,
    ip6: own(ip6),
    gateway6: isFixed(ip6) ? gateway6 : undefined,
    onLink,
  })
}
