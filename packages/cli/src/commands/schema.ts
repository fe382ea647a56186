// `schema`: prints the JSON Schema of the manifest, for editors.
import { manifestJsonSchema } from '@pve-provision/core/advanced'
import { EXIT } from '../exit-codes.ts'
import { writeText } from '../text/output.ts'

export function schemaCommand(): number {
  writeText(schemaText())
  return EXIT.fine
}

export function schemaText(): string {
  return `${JSON.stringify(manifestJsonSchema(), null, 2)}\n`
}
