// What a guest is to know at its first boot: one model, which Proxmox's drive and our CD are both written from.
import type { CloudInit, GuestDocument, Machine } from '../../manifest/manifest.ts'

export interface FirstBoot {
  /** The name up to its first dot. */
  readonly hostName: string
  readonly fullName: string
  readonly user?: string
  /** Plain, or a hash; see `passwords.ts`. */
  readonly password?: string
  readonly sshKeys: readonly string[]
  readonly upgrade: boolean
  /** Nobody said so: a document of one's own may say otherwise. */
  readonly upgradeIsDefault: boolean
  /** The cards to be configured, in order; the others are left alone. None where a document of one's own does that. */
  readonly cards: readonly Card[]
  readonly nameservers: readonly string[]
  readonly searchDomains: readonly string[]
  readonly documents: Documents
  /** cloudbase-init reads it: it takes plain passwords and sets them itself. */
  readonly windows: boolean
}

export interface Card {
  /** The card of `netN`; the guest calls it `ethN`, as on Proxmox's own drive. */
  readonly index: number
  /** How the guest finds the card; absent where it is not known. */
  readonly mac?: string
  /** `dhcp`, or an address with its prefix. */
  readonly ip?: string
  readonly gateway?: string
  /** `dhcp`, `auto`, or an address with its prefix. */
  readonly ip6?: string
  readonly gateway6?: string
}

/** Documents that the manifest brings. */
export interface Documents {
  readonly userData?: GuestDocument
  readonly vendorData?: GuestDocument
  readonly networkConfig?: string
}

const NOTHING: CloudInit = { sshKeys: [], sshKeyUrls: [], addresses: [], nameservers: [], searchDomains: [] }

/**
 * A machine's first boot.
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

/** As Proxmox names it (qemu-server `Cloudinit.pm` `get_hostname_fqdn`), but with the first domain only. */
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

/** Without a word about addresses, every card asks for one: a card that is left alone gets no network at all. */
export function addressesOf({ cloudInit, networks }: Machine): CloudInit['addresses'] {
  const declared = cloudInit?.addresses ?? []
  return declared.length > 0 ? declared : networks.map(() => ({ ip: 'dhcp' }))
}
