// Mode `validate`: checks only the manifest and the lock file. It contacts no server and reads no secrets.
import { refuseImpossible } from '@pve-provision/core/advanced'
import { countText } from '@pve-provision/core/text'
import { annotateNote } from '../annotations.ts'
import { say } from '../log.ts'
import type { Beginning, Ending } from './work.ts'

export function validate({ desired, summary }: Beginning): Ending {
  refuseImpossible(desired)
  const { images, machines, notes = [] } = desired
  for (const note of notes) annotateNote(note)
  const sentence = `The manifest is fine: ${countText(images.size, 'image')}, ${countText(machines.length, 'machine')}.`
  say(sentence)
  const told = notes.map(({ file, line, message }) => `${file}:${line}: ${message}`)
  return { summary: { ...summary, statements: [sentence, ...told] } }
}
