// `validate`: checks only the manifest and the lock file. It contacts no server.
import { refuseImpossible } from '@pve-provision/core/advanced'
import { countText } from '@pve-provision/core/text'

import { EXIT } from '../exit-codes.ts'
import { readExistingLock } from '../lock.ts'
import { loadManifest } from '../manifest.ts'
import { type CommonOptions, filesText } from '../options.ts'
import { nameManifest } from '../text/copyable.ts'
import { writeDocument, writeText } from '../text/output.ts'
import { checkDocuments } from './check-documents.ts'

interface ValidateOptions extends CommonOptions {
  readonly cloudInitSchema?: boolean
}

export async function validateCommand(options: ValidateOptions): Promise<number> {
  nameManifest(options.file)
  const { desired } = loadManifest(options)
  readExistingLock(options)
  refuseImpossible(desired)
  if (options.cloudInitSchema === true) await checkDocuments(desired)
  const machines = desired.machines.map(({ name }) => name)
  const notes = (desired.notes ?? []).map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`)
  if (options.json) writeDocument({ ok: true, images: [...desired.images.keys()], machines, notes })
  else
    writeText(
      [
        `${filesText(options)} ${options.file.length === 1 ? 'is' : 'are'} fine: ${countText(desired.images.size, 'image')}, ${countText(machines.length, 'machine')}.`,
        ...notes.map((note) => `Note: ${note}`),
        '',
      ].join('\n'),
    )
  return EXIT.fine
}
