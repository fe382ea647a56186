// Errors for features that the schema accepts but that are not implemented yet. Remove each with its implementation.
import { ProvisionError } from '../errors.ts'
import type { BuiltImage } from './manifest.ts'

/** Creates the error for an image source that is not implemented yet. */
export function unsupportedSource({ name, kind }: BuiltImage): ProvisionError {
  return notSupported(`\`images.${name}\` is ${SOURCES[kind]}`)
}

const SOURCES = { built: 'built on another' } as const

function notSupported(what: string): ProvisionError {
  return new ProvisionError('MANIFEST', `${what}, which this version does not support yet.`, {
    hint: 'Leave it out, or use a later version.',
  })
}
