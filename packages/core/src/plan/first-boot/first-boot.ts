// The model of a guest's first boot. Both Proxmox's drive and this program's ISO are written from it.
import type { CloudInit, GuestDocument, Machine } from '../../manifest/manifest.ts'

export interface FirstBoot {
  /** The name up to its first dot. */
  readonly hostName: string
  readonly fullName: string
  readonly user?: string
  /** Plain text or a hash; see `passwords.ts`. */
  readonly password?: string
  readonly sshKeys: readonly string[]
  readonly upgrade: boolean
  /** True if the manifest does not state `upgrade`. Then a user's document may override it. */
  readonly upgradeIsDefault: boolean
  /**
   * The cards to configure, in order; other cards are left alone. Empty if the user's own document configures the
   * network.
   */
  readonly cards: readonly Card[]
  readonly nameservers: readonly string[]
  readonly searchDomains: readonly string[]
  readonly documents: Documents
  /** True for cloudbase-init, which takes plain passwords. */
  readonly windows: boolean
}

export interface Card {
  /** The number of the card `netN`. In the guest it is `ethN`, as on Proxmox's own drive. */
  readonly index: number
  /** Identifies the card in the guest. Absent if it is unknown. */
  readonly mac?: string
  /** `dhcp`, or an address with its prefix. */
  readonly ip?: string
  readonly gateway?: string
  /** `dhcp`, `auto`, or an address with its prefix. */
  readonly ip6?: string
  readonly gateway6?: string
}

/** The user's documents in the manifest. */
export interface Documents {
  readonly userData?: GuestDocument
  readonly vendorData?: GuestDocument
  readonly networkConfig?: string
}

const NOTHING: CloudInit = { sshKeys: [], sshKeyUrls: [], addresses: [], nameservers: [], searchDomains: [] }

/**
 * Returns the first boot of a machine.
 * @param macs of its cards, by number; see `macs.ts`
 */
export function firstBootOf(machine: Machine, macs: readonly (string | undefined)[] = []): FirstBoot {
  const cloudInit = machine.cloudInit ?? NOTHING
  const { user, password, sshKeys, upgrade, nameservers, searchDomains } = cloudInit
  const { userData, vendorData, networkConfig } = cloudInit
  return {
    ...namesOf(machine.name, searchDomains),
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password }),
    sshKeys,
    upgrade: upgrade ?? true,
    upgradeIsDefault: upgrade === undefined,
    cards: networkConfig === undefined ? cardsOf(machine, macs) : [],
    nameservers,
    searchDomains,
    documents: {
      ...(userData !== undefined && { userData }),
      ...(vendorData !== undefined && { vendorData }),
      ...(networkConfig !== undefined && { networkConfig }),
    },
    windows: machine.osType.startsWith('win'),
  }
}

/** Names the host as Proxmox does (qemu-server `Cloudinit.pm` `get_hostname_fqdn`), but with the first domain only. */
function namesOf(name: string, [domain]: readonly string[]): Pick<FirstBoot, 'hostName' | 'fullName'> {
  const [hostName = name] = name.split('.')
  if (name.includes('.') || domain === undefined) return { hostName, fullName: name }
  return { hostName, fullName: `${name}.${domain.replace(/\.$/, '')}` }
}

function cardsOf(machine: Machine, macs: readonly (string | undefined)[]): readonly Card[] {
  return addressesOf(machine).flatMap(({ ip, gateway, ip6, gateway6 }, index) => {
    if (ip === undefined && ip6 === undefined) return []
    const mac = macs[index]?.toLowerCase()
    return {
      index,
      ...(mac !== undefined && { mac }),
      ...(ip !== undefined && { ip }),
      ...(gateway !== undefined && { gateway }),
      ...(ip6 !== undefined && { ip6 }),
      ...(gateway6 !== undefined && { gateway6 }),
    }
  })
}

/**
 * If the manifest sets no addresses, all cards use DHCP. A card without an address setting would get no network at
 * all.
 */
export function addressesOf({ cloudInit, networks }: Machine): CloudInit['addresses'] {
  const declared = cloudInit?.addresses ?? []
  return declared.length > 0 ? declared : networks.map(() => ({ ip: 'dhcp' }))
}
