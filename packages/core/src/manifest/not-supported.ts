// What a manifest may say already and no step does yet. Each line goes when its steps are there.
import { ProvisionError } from '../errors.ts'
import type { BuiltImage, Machine } from './manifest.ts'

type Asked = readonly [key: string, isAsked: (machine: Machine) => boolean]

const KEYS: readonly Asked[] = [['disks.image', ({ disks }) => disks.some(({ image }) => image !== undefined)]]

/** A key that has no steps yet; nothing where all that a machine says can be done. */
export function unsupportedMachine(machine: Machine): ProvisionError | undefined {
  const key = KEYS.find(([, isAsked]) => isAsked(machine))?.[0]
  return key === undefined ? undefined : notSupported(`\`vms.${machine.entry}\` says \`${key}\``)
}

/** An image that comes from where no step fetches it yet. */
export function unsupportedSource({ name, kind }: BuiltImage): ProvisionError {
  return notSupported(`\`images.${name}\` is ${SOURCES[kind]}`)
}

const SOURCES = { built: 'built on another' } as const

function notSupported(what: string): ProvisionError {
  return new ProvisionError('MANIFEST', `${what}, which this version does not support yet.`, {
    hint: 'Leave it out, or use a later version.',
  })
}
