// Names of uploaded and downloaded files: normalized first, then checked against the content type.
import { badParameters } from '../errors.ts'

/** Removes directories, and replaces each run of bytes other than letters, digits, `_`, `.` and `-` with one `_`. */
export function normalizeFileName(name: string): string {
  const last = name.replace(/^.*[/\\]/s, '')
  return last
    .replace(/\s/g, '_')
    .replace(/\P{ASCII}/gu, '_')
    .replace(/[^a-zA-Z0-9_.-]/g, '_')
}

export const importPattern = /^[^/]+\.(?:ova|qcow2|raw|vmdk)$/

/** Throws the 400 for a name that this content type does not allow. */
export function checkFileName(content: string, name: string, version: string): void {
  if (content === 'iso' && !/^.+\.(?:iso|img)$/i.test(name)) throw badParameters({ filename: 'wrong file extension' })
  const template = version === '8.4' ? /^.+\.tar\.(?:gz|xz|zst|bz2)$/ : /^.+\.tar(?:\.(?:gz|xz|zst|bz2))?$/
  if (content === 'vztmpl' && !template.test(name)) throw badParameters({ filename: 'wrong file extension' })
  if (content === 'import' && !importPattern.test(name)) {
    throw badParameters({ filename: 'invalid filename or wrong extension' })
  }
}
