// What a manifest may say already and no step does yet. Each line goes when its steps are there.
import { ProvisionError } from '../errors.ts'
import type { BuiltImage } from './manifest.ts'

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
