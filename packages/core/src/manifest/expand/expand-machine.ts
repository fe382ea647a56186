// Creates the machines of an entry from its merged document: resolves units, counted values and defaults.
import type { Device, Disk, Machine, Network, Rollout, Wait } from '../manifest.ts'
import type { MachineDocument } from '../schema/manifest-schema.ts'
import { durationInSeconds, sizeInBytes } from '../schema/values.ts'
import { macAfter, valueAt } from './counted.ts'
import { definedOnly } from './defined-only.ts'
import { cloudInitOf, type Numbered } from './expand-cloud-init.ts'

type Common = Omit<Machine, 'name' | 'entry' | 'index' | 'image' | 'nodes' | 'storage' | 'position'>

/** What machines of one entry have in common, and what depends on their number. */
export interface EntryMachines {
  readonly common: Omit<Common, keyof Own>
  /** Returns what the machine with this number has of its own. */
  readonly ownOf: (machine: Numbered) => Own
}

type Own = Pick<Machine, 'vmid' | 'renamedFrom' | 'networks' | 'cloudInit'>

/** Creates the machines of an entry. They share what does not depend on their number, because there may be thousands. */
export function machinesOf(merged: MachineDocument): EntryMachines {
  const { cloudInit, vmid } = merged
  return {
    common: commonOf(merged),
    ownOf: ({ name, index }) => ({
      ...definedOnly({
        vmid: vmid === undefined ? undefined : valueAt(vmid, index, (first, steps) => first + steps),
        renamedFrom: renamedFrom(merged, index),
      }),
      networks: networksOf(merged.network, index),
      ...(cloudInit && { cloudInit: cloudInitOf(cloudInit, { name, index }) }),
    }),
  }
}

function commonOf(merged: MachineDocument): EntryMachines['common'] {
  const { machine, boot, pool, description, ha, startOrder } = merged
  return {
    ...hardwareOf(merged),
    ...(machine && { machineType: machine }),
    osType: merged.osType ?? 'l26',
    serial: merged.serial ?? true,
    agent: merged.agent ?? true,
    ...(boot && { bootOrder: boot }),
    onBoot: merged.onBoot ?? false,
    ...(startOrder && { startup: startupOf(startOrder) }),
    ...(pool && { pool }),
    ...(ha && { ha: ha === true ? {} : definedOnly(ha) }),
    tags: [...new Set((merged.tags ?? []).map((tag) => tag.toLowerCase()))].sort(),
    ...(description && { description: description.trim() }),
    protection: merged.protection ?? false,
    start: merged.start ?? false,
    wait: waitOf(merged.wait),
    ...(merged.rollout && { rollout: rolloutOf(merged.rollout) }),
    ...(merged.expires !== undefined && { expiresSeconds: durationInSeconds(merged.expires) }),
    fullClone: merged.fullClone ?? false,
    declared: declaredIn(merged),
  }
}

/**
 * Returns the former name of the machine. If the entry has a `count`, it is the former name of the entry with a number.
 */
function renamedFrom({ renamedFrom, count }: MachineDocument, index: number): string | undefined {
  return renamedFrom === undefined || count === undefined ? renamedFrom : `${renamedFrom}-${index + 1}`
}

function hardwareOf(merged: MachineDocument) {
  const { vga, rng, watchdog, smbios } = merged
  return {
    cpu: cpuOf(merged),
    memory: memoryOf(merged),
    disk: typeof merged.disk === 'string' ? { sizeBytes: sizeInBytes(merged.disk) } : diskOf(merged.disk ?? {}),
    disks: (merged.disks ?? []).map(diskOf),
    cdroms: [merged.cdrom ?? []].flat().map((cdrom) => (typeof cdrom === 'string' ? { volume: cdrom } : cdrom)),
    devices: (merged.devices ?? []).map(deviceOf),
    firmware: { bios: merged.bios ?? 'seabios', secureBoot: merged.secureBoot ?? false, tpm: merged.tpm ?? false },
    ...(vga && { vga: vgaOf(vga) }),
    ...(rng && { rng: { source: '/dev/urandom', ...(rng !== true && definedOnly(rng)) } }),
    ...(watchdog && {
      watchdog: { model: 'i6300esb', action: 'reset', ...(watchdog !== true && definedOnly(watchdog)) },
    }),
    ...(smbios && { smbios: definedOnly(smbios) }),
  } satisfies Partial<Machine>
}

function cpuOf({ cores, sockets, numa, cpu, cpuLimit, cpuUnits }: MachineDocument): Machine['cpu'] {
  return {
    cores: cores ?? 1,
    sockets: sockets ?? 1,
    numa: numa ?? false,
    ...definedOnly({ type: cpu, limit: cpuLimit, units: cpuUnits }),
  }
}

function mebibytes(written: string): number {
  return Math.round(sizeInBytes(written) / 1024 ** 2)
}

function memoryOf({ memory = '512 MiB', balloon }: MachineDocument): Machine['memory'] {
  const balloonMiB = balloon === false ? 0 : balloon === undefined ? undefined : mebibytes(balloon)
  return { memoryMiB: mebibytes(memory), ...definedOnly({ balloonMiB }) }
}

type DiskDocument = NonNullable<MachineDocument['disks']>[number]

function diskOf({ size, limits, ...settings }: DiskDocument): Disk {
  return {
    ...definedOnly(settings),
    ...(limits && { limits: definedOnly(limits) }),
    ...(size !== undefined && { sizeBytes: sizeInBytes(size) }),
  }
}

function networksOf(network: MachineDocument['network'], index: number): Network[] {
  return [network ?? []].flat().map(({ rate, mac, trunks, ...rest }) => {
    const own = mac === undefined ? undefined : valueAt(mac, index, macAfter)
    return {
      ...definedOnly(rest),
      ...(own !== undefined && { mac: own.toUpperCase() }),
      ...(rate !== undefined && { rateMBps: rate }),
      ...(trunks && { trunks: trunks.map(String) }),
    }
  })
}

function deviceOf(device: NonNullable<MachineDocument['devices']>[number]): Device {
  if ('pci' in device) {
    const { pci, ...rest } = device
    return { kind: 'pci', mapping: pci, ...definedOnly(rest) }
  }
  if ('usb' in device) {
    const { usb, ...rest } = device
    return { kind: 'usb', mapping: usb, ...definedOnly(rest) }
  }
  const { virtiofs, ...rest } = device
  return { kind: 'virtiofs', mapping: virtiofs, ...definedOnly(rest) }
}

function vgaOf(vga: NonNullable<MachineDocument['vga']>): NonNullable<Machine['vga']> {
  if (typeof vga === 'string') return { type: vga }
  return { type: vga.type, ...(vga.memory !== undefined && { memoryMiB: mebibytes(vga.memory) }) }
}

function startupOf({ order, up, down }: NonNullable<MachineDocument['startOrder']>): NonNullable<Machine['startup']> {
  return definedOnly({ order, upSeconds: up, downSeconds: down })
}

const DEFAULT_WAIT_SECONDS = 180

function waitOf(wait: MachineDocument['wait']): Wait {
  if (wait === undefined || wait === 'none') return { for: 'none' }
  if (wait === 'agent') return { for: 'agent', seconds: DEFAULT_WAIT_SECONDS }
  const common = { seconds: wait.seconds ?? DEFAULT_WAIT_SECONDS, ...definedOnly({ required: wait.required }) }
  return 'port' in wait ? { for: 'port', port: wait.port, ...common } : { for: 'agent', ...common }
}

function rolloutOf({ batch = 1, wait, maxFailures = 0 }: NonNullable<MachineDocument['rollout']>): Rollout {
  return { batch, maxFailures, ...(wait !== undefined && { wait: waitOf(wait) }) }
}

/** Returns all keys that the manifest sets, two levels deep: `cores`, `network`, `cloudInit.user`. */
function declaredIn(merged: MachineDocument): ReadonlySet<string> {
  return new Set(
    Object.entries(merged).flatMap(([key, value]) =>
      key === 'cloudInit' ? [key, ...Object.keys(value as object).map((inner) => `${key}.${inner}`)] : [key],
    ),
  )
}
