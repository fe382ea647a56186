// Checks an image before the import, like Proxmox: it must have the format of its suffix. `.raw` is never checked.
import { failure } from '../errors.ts'
import { imageInfo, QemuImgError } from './qemu-img.ts'

/** Throws qemu-img's error with the path that users see. `log` gets the command that failed. */
export async function verifyImport(
  file: { realPath: string; shownPath: string; name: string },
  log: (line: string) => void,
): Promise<void> {
  const format = /\.(qcow2|vmdk|ova)$/.exec(file.name)?.[1]
  if (format === undefined) return
  if (format === 'ova') throw failure('ova archive has no .ovf file inside')
  try {
    const info = await imageInfo(file.realPath, format)
    if (info.backingFile !== undefined)
      throw failure(`volume_size_info on '${file.shownPath}' failed: image has a backing file`)
  } catch (error) {
    if (!(error instanceof QemuImgError)) throw error
    log(`command '/usr/bin/qemu-img info '--output=json' ${file.shownPath} -f ${format}' failed: exit code 1`)
    throw failure(error.problem.replaceAll(file.realPath, file.shownPath).split('\n')[0] ?? '')
  }
}
