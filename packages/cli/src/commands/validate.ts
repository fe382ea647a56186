// `validate`: the manifest and the lock file alone; nothing is contacted.
import { countText } from '@pve-provision/core/text'

import { EXIT } from '../exit-codes.ts'
import { readLock } from '../lock.ts'
import type { CommonOptions } from '../options.ts'
import { loadManifest } from '../settings.ts'
import { writeDocument, writeText } from '../text/output.ts'

export function validateCommand(options: CommonOptions): number {
  const { file, json } = options
  const { desired } = loadManifest(file)
  readLock(options)
  const machines = desired.machines.map(({ name }) => name)
  if (json) writeDocument({ ok: true, images: [...desired.images.keys()], machines })
  else
    writeText(
      `${file} is fine: ${countText(desired.images.size, 'image')}, ${countText(machines.length, 'machine')}.\n`,
    )
  return EXIT.fine
}
