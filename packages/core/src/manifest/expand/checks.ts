// What only shows when the keys of an entry, or several entries, are seen together.
import type { Machine } from '../manifest.ts'
import type { ManifestPath } from '../read/tree.ts'
import type { MachineDocument } from '../schema/manifest-schema.ts'
import { sizeInBytes } from '../schema/values.ts'
import { type Counted, isFrom } from './counted.ts'
import { addressDocuments } from './expand-cloud-init.ts'

type AddProblem = (path: ManifestPath, message: string) => void

/** The keys of one entry beside each other. */
export function checkEntry(path: ManifestPath, merged: MachineDocument, addProblem: AddProblem): void {
  checkCounted(path, merged, addProblem)
  checkAddresses(path, merged, addProblem)
  checkBalloon(path, merged, addProblem)
}

/** A fixed value is for one machine; a list has one for each. */
function checkCounted(path: ManifestPath, merged: MachineDocument, addProblem: AddProblem): void {
  const { count, vmid, cloudInit, network } = merged
  const check = (key: ManifestPath, what: string, counted: Counted<string | number> | undefined) => {
    const message =
      counted === undefined ? undefined : countMessage(counted, count, { key: [...path, ...key].join('.'), what })
    if (message !== undefined) addProblem([...path, ...key], message)
  }
  check(['vmid'], 'id', vmid)
  for (const [index, card] of [network ?? []].flat().entries())
    check(Array.isArray(network) ? ['network', index, 'mac'] : ['network', 'mac'], 'MAC address', card.mac)
  if (cloudInit === undefined) return
  for (const [index, address] of addressDocuments(cloudInit).entries())
    for (const key of ['ip', 'ip6'] as const)
      if (address[key] !== 'dhcp' && address[key] !== 'auto')
        check(
          cloudInit.addresses ? ['cloudInit', 'addresses', index, key] : ['cloudInit', key],
          'address',
          address[key],
        )
}

function countMessage(
  counted: Counted<string | number>,
  count: number | undefined,
  { key, what }: { readonly key: string; readonly what: string },
): string | undefined {
  const machines = count ?? 1
  if (Array.isArray(counted)) {
    const length = (counted as readonly (string | number)[]).length
    if (length === machines) return undefined
    return `\`${key}\` lists ${length === 1 ? `one ${what}` : `${length} values`}, but there ${machines === 1 ? 'is one machine' : `are ${machines} machines`} (\`count\`).`
  }
  if (machines === 1 || isFrom(counted)) return undefined
  const shown = typeof counted === 'number' ? String(counted) : JSON.stringify(counted)
  return `\`${key}\` would give the same ${what} to ${machines} machines: say { from: ${shown} } to count on, or list ${machines} of them.`
}

function checkAddresses(path: ManifestPath, { cloudInit }: MachineDocument, addProblem: AddProblem): void {
  if (cloudInit?.addresses === undefined || (!cloudInit.ip && !cloudInit.ip6)) return
  addProblem(
    [...path, 'cloudInit'],
    `\`${path.join('.')}.cloudInit\` has both \`addresses\` and \`ip\` or \`ip6\`: give one of them.`,
  )
}

/** As Proxmox refuses it; where only one of the two is stated, the plan compares it with the machine's own. */
function checkBalloon(path: ManifestPath, { memory, balloon }: MachineDocument, addProblem: AddProblem): void {
  if (memory === undefined || typeof balloon !== 'string' || sizeInBytes(balloon) <= sizeInBytes(memory)) return
  addProblem(
    [...path, 'balloon'],
    `\`${path.join('.')}.balloon\` is ${balloon}, which is more than its memory of ${memory}.`,
  )
}

/** Names and ids that two machines have. */
export function reportDuplicates(machines: readonly Machine[], addProblem: AddProblem): void {
  const names = new Map<string, Machine>()
  const vmids = new Map<number, Machine>()
  for (const machine of machines) {
    const namesake = names.get(machine.name.toLowerCase())
    if (namesake)
      addProblem(
        ['vms', machine.entry],
        `Two machines are called \`${machine.name}\`: one from \`vms.${namesake.entry}\`, one from \`vms.${machine.entry}\`.`,
      )
    names.set(machine.name.toLowerCase(), machine)
    const sharer = machine.vmid === undefined ? undefined : vmids.get(machine.vmid)
    if (sharer && sharer.entry !== machine.entry)
      addProblem(
        ['vms', machine.entry, 'vmid'],
        `\`vms.${machine.entry}\` and \`vms.${sharer.entry}\` both ask for vmid ${machine.vmid}.`,
      )
    if (machine.vmid !== undefined) vmids.set(machine.vmid, machine)
  }
}
