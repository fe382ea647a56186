// The `ipconfigN` of network devices, in the order in which Proxmox writes them: `net10` before `net2`.
import { fieldsOf } from '../../state/fields.ts'
import { textOf, type VmSection } from '../../state/vm-config.ts'

export interface ConfiguredCard {
  /** `eth0` for `net0` */
  readonly name: string
  /** Lower case. */
  readonly mac: string
  readonly ip?: string | undefined
  readonly gateway?: string | undefined
  readonly ip6?: string | undefined
  readonly gateway6?: string | undefined
}

/** A card without `ipconfigN` is skipped and stays unconfigured. */
export function configuredCards(config: VmSection): readonly ConfiguredCard[] {
  const cards = [...config.values.keys()].filter((key) => /^net\d+$/.test(key)).sort()
  return cards.flatMap((key) => {
    const number = key.slice(3)
    const text = textOf(config, `ipconfig${number}`)
    if (text === undefined || text === '') return []
    const fields = fieldsOf(text)
    return [
      {
        name: `eth${number}`,
        mac: macOf(textOf(config, key) ?? '').toLowerCase(),
        ip: fields.get('ip'),
        gateway: fields.get('gw'),
        ip6: fields.get('ip6'),
        gateway6: fields.get('gw6'),
      },
    ]
  })
}

/** Returns the MAC address in a network string, as it is written there. */
export function macOf(network: string): string {
  return /=([0-9A-F]{2}(?::[0-9A-F]{2}){5})(?:,|$)/i.exec(network)?.[1] ?? ''
}

/** `24` → `255.255.255.0` */
export function netmask(bits: number): string {
  const number = bits === 0 ? 0 : (0xffffffff << (32 - bits)) >>> 0
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.')
}

export function splitAddress(cidr: string): { readonly address: string; readonly bits: string } {
  const [address = '', bits = ''] = cidr.split('/')
  return { address, bits }
}
