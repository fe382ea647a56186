// What a manifest may say already and no step does yet. Each line goes when its steps are there.
import { ProvisionError } from '../errors.ts'
import type { AddressImage, Image, Machine } from './manifest.ts'

type Asked = readonly [key: string, isAsked: (machine: Machine) => boolean]

const KEYS: readonly Asked[] = [
  ['renamedFrom', ({ renamedFrom }) => renamedFrom !== undefined],
  ['expires', ({ expiresSeconds }) => expiresSeconds !== undefined],
  ['rollout', ({ rollout }) => rollout !== undefined],
  ['wait.required', ({ wait }) => wait.for !== 'none' && wait.required === true],
  ['cdrom', ({ cdroms }) => cdroms.length > 0],
  ['devices', ({ devices }) => devices.length > 0],
  ['vga', ({ vga }) => vga !== undefined],
  ['rng', ({ rng }) => rng !== undefined],
  ['watchdog', ({ watchdog }) => watchdog !== undefined],
  ['smbios', ({ smbios }) => smbios !== undefined],
  ['cpuLimit', ({ cpu }) => cpu.limit !== undefined],
  ['cpuUnits', ({ cpu }) => cpu.units !== undefined],
  ['disks.image', ({ disks }) => disks.some(({ image }) => image !== undefined)],
  ['disks.bus', ({ disks }) => disks.some(({ bus }) => bus !== undefined && bus !== 'scsi')],
  ['disk.serial', (machine) => allDisks(machine).some(({ serial }) => serial !== undefined)],
  ['disk.limits', (machine) => allDisks(machine).some(({ limits }) => limits !== undefined)],
  ['disk.replicate', (machine) => allDisks(machine).some(({ replicate }) => replicate !== undefined)],
  ['disk.aio', (machine) => allDisks(machine).some(({ aio }) => aio !== undefined)],
  ['network.trunks', ({ networks }) => networks.some(({ trunks }) => trunks !== undefined)],
  ['network.queues', ({ networks }) => networks.some(({ queues }) => queues !== undefined)],
  ['network.linkDown', ({ networks }) => networks.some(({ linkDown }) => linkDown !== undefined)],
]

function allDisks({ disk, disks }: Machine): Machine['disks'] {
  return [disk, ...disks]
}

/** A key that has no steps yet; nothing where all that a machine says can be done. */
export function unsupportedMachine(machine: Machine): ProvisionError | undefined {
  const key = KEYS.find(([, isAsked]) => isAsked(machine))?.[0]
  return key === undefined ? undefined : notSupported(`\`vms.${machine.entry}\` says \`${key}\``)
}

/** A key of an image that has no steps yet. */
export function unsupportedKey({ name, member, fileName }: AddressImage): ProvisionError | undefined {
  if (member !== undefined) return notSupported(`\`images.${name}\` says \`member\``)
  return fileName === undefined ? undefined : notSupported(`\`images.${name}\` says \`fileName\``)
}

/** An image that comes from where no step fetches it yet. */
export function unsupportedSource({ name, kind }: Exclude<Image, AddressImage>): ProvisionError {
  return notSupported(`\`images.${name}\` is ${SOURCES[kind]}`)
}

const SOURCES = { file: 'a file', template: 'a template', volume: 'a volume', built: 'built on another' } as const

function notSupported(what: string): ProvisionError {
  return new ProvisionError('MANIFEST', `${what}, which this version does not support yet.`, {
    hint: 'Leave it out, or use a later version.',
  })
}
