// What is not as the manifest says and stays so all the same: nothing of it is changed without being asked for.
import type { GuestFacts } from '../../facts/facts.ts'
import type { Machine } from '../../manifest/manifest.ts'
import { isCd } from '../config/device-config.ts'
import { diskKeys, isDriveKey } from '../config/disk-config.ts'
import { parseProperties } from '../config/property-string.ts'
import type { Difference } from '../plan.ts'
import { driveText } from './describe-change.ts'

/** Each with what would change it. */
export function differencesOf(machine: Machine, guest: GuestFacts): readonly Difference[] {
  return [...nodeDifference(machine, guest), ...surplusDisks(machine, guest), ...firmwareDifferences(machine, guest)]
}

function nodeDifference({ name, nodes }: Machine, { node }: GuestFacts): readonly Difference[] {
  if (nodes.includes(node)) return []
  return [{ key: 'node', is: node, declared: nodes.join(' or '), hint: `pve-provision apply --move --only ${name}` }]
}

/** Disks hold data: one that the manifest does not name stays until a person detaches it. */
function surplusDisks(machine: Machine, { vmid, config }: GuestFacts): readonly Difference[] {
  if (!machine.declared.has('disks')) return []
  const declared = diskKeys(machine)
  const surplus = Object.keys(config).filter((key) => isDriveKey(key) && !declared.includes(key) && !isCd(config[key]))
  return surplus.sort().map((key) => ({
    key: `disks (${key})`,
    is: driveText(config[key]),
    hint: `Detach it in Proxmox: qm set ${vmid} --delete ${key}. Its volume stays as an unused disk.`,
  }))
}

/** What an EFI disk and a TPM hold cannot be made again: neither is changed or removed. */
function firmwareDifferences({ name, declared, firmware }: Machine, { config }: GuestFacts): readonly Difference[] {
  const enrolled = parseProperties(config.efidisk0, 'file').get('pre-enrolled-keys') === '1'
  const keysDiffer = declared.has('secureBoot') && config.efidisk0 !== undefined && enrolled !== firmware.secureBoot
  const hint = `Another machine has it: pve-provision apply --replace ${name}`
  return [
    ...(declared.has('tpm') && !firmware.tpm && config.tpmstate0 !== undefined
      ? [{ key: 'tpm', is: true, declared: false, hint: `${hint}. What is in this TPM would be lost.` }]
      : []),
    ...(keysDiffer ? [{ key: 'secureBoot', is: enrolled, declared: firmware.secureBoot, hint }] : []),
  ]
}
