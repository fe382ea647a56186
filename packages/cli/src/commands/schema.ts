// `schema`: the JSON Schema of the manifest, for editors.
import { manifestJsonSchema } from '@pve-provision/core'
import { EXIT } from '../exit-codes.ts'

export function schemaCommand(): number {
  process.stdout.write(`${JSON.stringify(manifestJsonSchema(), null, 2)}\n`)
  return EXIT.fine
}
