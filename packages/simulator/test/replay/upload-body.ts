// Restores the bodies of recorded uploads, which were cut in the recording.
import type { Images } from './images.ts'

/** Returns the bytes of a multipart body. `rewrite` puts this run's checksums and addresses into its fields. */
export function wholeUpload(recorded: string, images: Images, rewrite: (text: string) => string): Buffer {
  const cut = /\.\.\.\[(\d+) bytes\]$/.exec(recorded)
  if (!cut) return Buffer.from(recorded, 'latin1')
  const start = recorded.indexOf('Content-Type: application/octet-stream\r\n\r\n') + 42
  const head = recorded.slice(0, start)
  const [, name = ''] = /name="filename"; filename="([^"]*)"/.exec(head) ?? []
  const boundary = recorded.slice(0, recorded.indexOf('\r\n'))
  const file = fileFor(name, recorded.slice(start, start + 4), images)
  return Buffer.concat([Buffer.from(rewrite(head), 'latin1'), file, Buffer.from(`\r\n${boundary}--\r\n`, 'latin1')])
}

function fileFor(name: string, magic: string, { files }: Images): Buffer {
  const byName = ['y.qcow2', 'guest.qcow2', 'race.qcow2', 'ccu.iso'].find((known) => known === name)
  const kind = magic.startsWith('QFI') ? 'x.qcow2' : magic === '\0\0\0\0' ? 'x.raw' : 'a.iso'
  const file = files.get(byName ?? kind)
  if (!file) throw new Error(`no file for the upload of ${name}`)
  return file
}
