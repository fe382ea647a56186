// Finds static addresses that two machines would have. One of them may no longer be in the manifest.
import ipaddr from 'ipaddr.js'
import { ProvisionError } from '../../errors.ts'
import { nameBeforeRetired } from '../../facts/cluster/retired.ts'
import { machinesByGuestName } from '../../facts/current-names.ts'
import type { Facts, GuestFacts } from '../../facts/facts.ts'
import type { Desired, Machine } from '../../manifest/manifest.ts'
import { parseNetworkCard, parseProperties } from '../config/property-string.ts'

/** An address in a network. The same address behind another bridge or VLAN is a different one. A MAC address is the same one everywhere. */
interface Place {
  readonly address: string
  readonly network: string
}

interface Owner {
  readonly name: string
  /** Absent for a machine of the manifest. */
  readonly orphan?: GuestFacts
}

/** The owners of static addresses, by network. */
export type AddressBook = ReadonlyMap<string, readonly Owner[]>

/** Collects the addresses of the manifest and of the project's machines that it does not name. */
export function addressBook({ machines }: Desired, { guests }: Facts): AddressBook {
  const named = machinesByGuestName(machines, guests)
  const book = new Map<string, Owner[]>()
  const add = (place: Place, owner: Owner) => {
    const key = keyOf(place)
    book.set(key, [...(book.get(key) ?? []), owner])
  }
  for (const machine of machines) for (const place of declaredAddresses(machine)) add(place, { name: machine.name })
  for (const guest of guests) {
    const { kind, name } = guest.marker
    // A VM that is being replaced has the addresses of its machine.
    if (kind !== 'machine' || named.has(nameBeforeRetired(name) ?? name)) continue
    for (const place of configuredAddresses(guest)) add(place, { name, orphan: guest })
  }
  return book
}

/** Returns one problem for each address that another machine has as well. */
export function addressProblems(machine: Machine, book: AddressBook): readonly ProvisionError[] {
  return declaredAddresses(machine).flatMap((place) => {
    const other = book.get(keyOf(place))?.find(({ name }) => name !== machine.name)
    if (other === undefined) return []
    return [
      other.orphan === undefined
        ? sharedAddress(machine, other.name, place)
        : orphanAddress(machine, other.orphan, place),
    ]
  })
}

function sharedAddress({ name }: Machine, other: string, place: Place): ProvisionError {
  return new ProvisionError('CONFLICT', `${name} and ${other} would both have ${wordsOf(place)}.`, {
    hint: 'Give one of them another address.',
    details: { machine: name, key: 'cloudInit' },
  })
}

/** Usually the machine was renamed in the manifest. */
function orphanAddress({ name }: Machine, { vmid, node, marker }: GuestFacts, place: Place): ProvisionError {
  return new ProvisionError(
    'CONFLICT',
    `${name} would have ${wordsOf(place)} of ${marker.name} (${vmid} on ${node}), which is no longer in the manifest.`,
    {
      hint: `If you renamed ${marker.name}, set \`renamedFrom: ${marker.name}\` in ${name}.\nIf you no longer need it: pve-provision destroy --only ${marker.name}`,
      details: { machine: name, key: place.network === EVERYWHERE ? 'network' : 'cloudInit' },
    },
  )
}

function wordsOf({ address, network }: Place): string {
  return `${network === EVERYWHERE ? 'the MAC address' : 'the address'} ${address}`
}

const EVERYWHERE = 'MAC'

function declaredAddresses({ cloudInit, networks }: Machine): readonly Place[] {
  const macs = networks.flatMap(({ mac }) => (mac === undefined ? [] : [{ address: mac, network: EVERYWHERE }]))
  const addresses = (cloudInit?.addresses ?? []).flatMap(({ ip, ip6 }, index) => {
    const { bridge = '', vlan } = networks[index] ?? {}
    return staticOnes([ip, ip6]).map((address) => ({ address, network: `${bridge}/${vlan ?? ''}` }))
  })
  return [...addresses, ...macs]
}

function configuredAddresses({ config }: GuestFacts): readonly Place[] {
  return Object.keys(config).flatMap((key) => {
    if (/^net\d+$/.test(key)) {
      const mac = parseNetworkCard(config[key]).get('macaddr')
      return mac === undefined ? [] : [{ address: mac.toUpperCase(), network: EVERYWHERE }]
    }
    const index = /^ipconfig(\d+)$/.exec(key)?.[1]
    if (index === undefined) return []
    const { ip, ip6 } = Object.fromEntries(parseProperties(config[key], ''))
    const card = parseNetworkCard(config[`net${index}`])
    const network = `${card.get('bridge') ?? ''}/${card.get('tag') ?? ''}`
    return staticOnes([ip, ip6]).map((address) => ({ address, network }))
  })
}

/** Returns static addresses without prefix, normalized (`FD00::0:1` is `fd00::1`). `dhcp` and `auto` are skipped. */
function staticOnes(addresses: readonly (string | undefined)[]): readonly string[] {
  return addresses.flatMap((address) => {
    if (!address?.includes('/')) return []
    const [plain = ''] = address.split('/', 1)
    return [ipaddr.isValid(plain) ? ipaddr.parse(plain).toString() : plain]
  })
}

function keyOf({ address, network }: Place): string {
  return `${network} ${address}`
}
