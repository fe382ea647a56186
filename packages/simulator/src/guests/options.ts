// Options of a create or update call, brought into the form in which Proxmox stores them.
import { randomUUID } from 'node:crypto'
import { badParameters, failure } from '../errors.ts'
import { normalizeNetwork } from '../state/drives.ts'
import { type ConfigValue, typedValue } from '../state/vm-config.ts'

/** Parameters of a call that are about the call, not about the machine. */
const callOptions = new Set([
  'node',
  'vmid',
  'archive',
  'bwlimit',
  'force',
  'live-restore',
  'pool',
  'start',
  'storage',
  'unique',
  'digest',
  'delete',
  'revert',
  'skiplock',
  'background_delay',
  'import-working-storage',
  'ha-managed',
])

export function guestOptions(parameters: Readonly<Record<string, string>>): Map<string, string> {
  return new Map(Object.entries(parameters).filter(([key]) => !callOptions.has(key)))
}

/** Lower case, each once, sorted, joined by `;`: what an update does in every version, a create only since 9. */
export function normalizeTags(tags: string): string {
  const words = tags
    .toLowerCase()
    .split(/[;,\s]+/)
    .filter(Boolean)
  return [...new Set(words)].sort().join(';')
}

export function normalizeOption(
  key: string,
  value: string,
  { tagsNormalized, before }: { tagsNormalized: boolean; before?: string },
): ConfigValue {
  if (/^net\d+$/.test(key)) return normalizeNetwork(value, macOf(before))
  if (key === 'tags') return value === '' ? ' ' : tagsNormalized ? normalizeTags(value) : value
  if (key === 'sshkeys') checkKeys(value)
  if (key === 'smbios1' && !/(?:^|,)uuid=/.test(value)) return `uuid=${randomUUID()},${value}`
  if (key === 'vmgenid' && value === '1') return randomUUID()
  return typedValue(key, value)
}

function macOf(before: string | undefined): string | undefined {
  return before === undefined ? undefined : /=([0-9A-F]{2}(?::[0-9A-F]{2}){5})/i.exec(before)?.[1]
}

const keyLine = /^(?:\S+\s+)*?(?:ssh-(?:ed25519|rsa|dss)|ecdsa-sha2-nistp\d+|sk-\S+)\s+[A-Za-z0-9+/=]{16,}(?:\s.*)?$/

/** Keys arrive percent-encoded inside the form encoding; what they decode to has to be keys. */
function checkKeys(value: string): void {
  if (/%(?![0-9A-Fa-f]{2})/.test(value) || /[^A-Za-z0-9\-_.~%*'()!]/.test(value)) {
    throw badParameters({ sshkeys: `invalid format - invalid urlencoded string: ${value}\n` })
  }
  const lines = decodeURIComponent(value)
    .split(/\r?\n/)
    .map((line) => line.trim())
  for (const line of lines) {
    if (line !== '' && !line.startsWith('#') && !keyLine.test(line)) throw failure('SSH public key validation error')
  }
}

/** Boot order of a new machine: first disk, first CD-ROM, first network device; a single blank when there is nothing. */
export function defaultBoot(values: ReadonlyMap<string, ConfigValue>): string {
  const keys = ['ide', 'scsi', 'virtio', 'sata'].flatMap((bus) =>
    Array.from({ length: 31 }, (_, index) => `${bus}${index}`),
  )
  const present = keys.filter((key) => values.has(key))
  const isCd = (key: string): boolean => /media=cdrom/.test(String(values.get(key)))
  const devices = [present.find((key) => !isCd(key)), present.find(isCd)].filter((key) => key !== undefined)
  const network = [...values.keys()].filter((key) => /^net\d+$/.test(key)).sort()[0]
  if (network !== undefined) devices.push(network)
  return devices.length === 0 ? ' ' : `order=${devices.join(';')}`
}
