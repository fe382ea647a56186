// `pin`: writes the current digests of the images to the lock file, so that apply uses exactly these bytes.
import { EXIT } from '../exit-codes.ts'
import { lockPath, writeLock } from '../lock.ts'
import type { CommonOptions } from '../options.ts'
import { pinToday } from '../pinning.ts'
import { withManifest } from '../run.ts'
import { worldWithoutProxmox } from '../settings.ts'
import { sayWords, writeDocument } from '../text/output.ts'

export function pinCommand(options: CommonOptions): Promise<number> {
  return withManifest(
    options,
    async (surroundings) => {
      const { lock, changes } = await pinToday(surroundings, options)
      writeLock(options, lock)
      if (options.json) writeDocument({ changed: changes.length > 0, changes, images: lock.images })
      else sayWords(`${[...changes, summary(lockPath(options), changes.length)].join('\n')}\n`)
      return EXIT.fine
    },
    worldWithoutProxmox,
  )
}

function summary(file: string, changes: number): string {
  return changes === 0 ? `${file} is up to date.` : `Written to ${file}. Commit it.`
}
