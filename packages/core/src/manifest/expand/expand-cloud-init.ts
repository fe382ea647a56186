// What one machine of an entry is told at its first boot.
import type { Address, CloudInit } from '../manifest.ts'
import type { MachineDocument } from '../schema/manifest-schema.ts'
import { addressAfter, type Counted, valueAt } from './counted.ts'
import { definedOnly } from './defined-only.ts'

export type CloudInitDocument = NonNullable<MachineDocument['cloudInit']>
export type AddressDocument = NonNullable<CloudInitDocument['addresses']>[number]

/** Files have been put in place of `{ file }` before; what is left is text, and addresses of keys. */
export function cloudInitOf(cloudInit: CloudInitDocument, index: number): CloudInit {
  const { user, password, sshKeys = [], dns, upgrade, userData, networkConfig, vendorData } = cloudInit
  const text = (value: CloudInitDocument['userData']) => (typeof value === 'string' ? value : undefined)
  return definedOnly({
    user,
    password,
    sshKeys: sshKeys.filter((key) => typeof key === 'string').map((key) => key.trim()),
    sshKeyUrls: sshKeys.flatMap((key) => (typeof key === 'object' && 'url' in key ? [new URL(key.url)] : [])),
    addresses: addressDocuments(cloudInit).map((address) => addressOf(address, index)),
    nameservers: dns?.servers ?? [],
    searchDomains: [...new Set([...(dns?.domain?.split(/[ ,]+/) ?? []), ...(dns?.domains ?? [])])],
    upgrade,
    userData: text(userData),
    networkConfig: text(networkConfig),
    vendorData: text(vendorData),
  })
}

/** One entry a network card, in order. */
export function addressDocuments(cloudInit: CloudInitDocument): readonly AddressDocument[] {
  const { addresses, ip, gateway, ip6, gateway6, onLink } = cloudInit
  if (addresses) return addresses
  return ip || ip6 ? [{ ip, gateway, ip6, gateway6, onLink }] : []
}

function addressOf({ ip, gateway, ip6, gateway6, onLink }: AddressDocument, index: number): Address {
  const own = (counted: Counted<string> | undefined) =>
    counted === undefined ? undefined : valueAt(counted, index, addressAfter)
  return definedOnly({ ip: own(ip), gateway, ip6: own(ip6), gateway6, onLink })
}
